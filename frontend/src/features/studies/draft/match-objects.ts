/** Which objects a target means, by the rules of the study language: names and globs, in any case. */

export function matchObjects<T extends { name: string }>(
  patterns: readonly string[],
  objects: readonly T[],
): T[] {
  const matchers = patterns.map(compileGlob)
  return objects.filter((object) => matchers.some((matcher) => matcher.test(object.name.trim())))
}

function compileGlob(pattern: string): RegExp {
  const source = pattern
    .trim()
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.')
  try {
    return new RegExp(`^${source}$`, 'i')
  } catch {
    return /$^/ // an unfinished [set] matches nothing
  }
}
