/** Changes that every case makes alike are told once, so that the others can be seen. */

export function splitCommon(cases: readonly { changes: readonly string[] }[]): {
  common: string[]
  own: string[][]
} {
  const [first, ...others] = cases
  if (first === undefined || others.length === 0)
    return { common: [], own: cases.map(({ changes }) => [...changes]) }
  const common = first.changes.filter((change) => others.every(({ changes }) => changes.includes(change)))
  return { common, own: cases.map(({ changes }) => changes.filter((change) => !common.includes(change))) }
}
