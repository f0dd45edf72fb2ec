import { formatAgo, formatDuration, secondsBetween } from './times'

describe('a duration', () => {
  it.each([
    [0.5, '500 ms'],
    [5.44, '5.4 s'],
    [59.6, '1 min'],
    [200, '3 min 20 s'],
    [7500, '2 h 5 min'],
    [90_000, '1 d 1 h'],
  ])('of %d s reads %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text)
  })

  it('is a dash where nobody knows', () => {
    expect(formatDuration(null)).toBe('–')
  })

  it('runs from start to end, or until now', () => {
    expect(secondsBetween('2026-11-20T10:00:00Z', '2026-11-20T10:01:00Z')).toBe(60)
    expect(secondsBetween('2026-11-20T10:00:00Z', null, Date.parse('2026-11-20T10:00:05Z'))).toBe(5)
    expect(secondsBetween(null, null)).toBeNull()
  })
})

describe('a moment', () => {
  const now = Date.parse('2026-11-20T12:00:00Z')

  it('is told relative to now for a day', () => {
    expect(formatAgo('2026-11-20T11:59:50Z', now)).toBe('just now')
    expect(formatAgo('2026-11-20T11:30:00Z', now)).toBe('30 minutes ago')
    expect(formatAgo('2026-11-20T02:00:00Z', now)).toBe('10 hours ago')
    expect(formatAgo('2026-11-01T02:00:00Z', now)).toMatch(/2026/)
  })
})
