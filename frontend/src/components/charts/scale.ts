/** From values to places on an axis, with ticks at round numbers. */

export type Scale = {
  /** Place of a value, px. */
  at: (value: number) => number
  ticks: number[]
}

const ROUND_STEPS = [1, 2, 2.5, 5, 10]

/** Round numbers from the first at or above `low` to the last at or below `high`, about `count` of them. */
export function listTicks(low: number, high: number, count = 5): number[] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return []
  if (low === high) return [low]
  const step = roundStep((high - low) / count)
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_tick, at) => tidy((first + at) * step))
}

/** The smallest round step that is not below `rough`. */
function roundStep(rough: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(rough))
  return (ROUND_STEPS.find((step) => step * magnitude >= rough * (1 - 1e-9)) ?? 10) * magnitude
}

/** 0.30000000000000004 is 0.3. */
function tidy(value: number): number {
  return Number(value.toPrecision(12))
}

/** A linear scale of [low, high] on [start, end], px; a single value stands in the middle. */
export function makeScale(
  [low, high]: readonly [number, number],
  [start, end]: readonly [number, number],
  count?: number,
): Scale {
  const at = (value: number) =>
    low === high ? (start + end) / 2 : start + ((value - low) / (high - low)) * (end - start)
  return { at, ticks: listTicks(low, high, count) }
}

/** The range of `values` with some room beyond both ends; `from` widens it to what must be in view. */
export function rangeOf(
  values: readonly number[],
  from: readonly number[] = [],
  room = 0.05,
): [number, number] {
  const all = [...values, ...from].filter(Number.isFinite)
  if (all.length === 0) return [0, 1]
  let [low, high] = [Infinity, -Infinity]
  for (const value of all) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  const margin = low === high ? Math.abs(low) * room || 1 : (high - low) * room
  return [from.includes(low) ? low : low - margin, from.includes(high) ? high : high + margin]
}
