/** Durations and moments as people read them. */

/** Seconds as "850 ms", "12 s", "3 min 20 s", "2 h 5 min" or "3 d 4 h". */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '–'
  if (seconds < 1) return `${Math.round(seconds * 1000).toString()} ms`
  if (seconds < 10) return `${(Math.round(seconds * 10) / 10).toString()} s`
  const whole = Math.round(seconds)
  const steps: readonly (readonly [number, string])[] = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ]
  const first = steps.findIndex(([size]) => whole >= size)
  const parts: string[] = []
  let rest = whole
  for (const [size, unit] of steps.slice(first, first + 2)) {
    const amount = Math.floor(rest / size)
    rest -= amount * size
    if (amount > 0) parts.push(`${amount.toString()} ${unit}`)
  }
  return parts.join(' ')
}

export function secondsBetween(start: string | null, end: string | null, now = Date.now()): number | null {
  if (start === null) return null
  return Math.max(0, ((end === null ? now : Date.parse(end)) - Date.parse(start)) / 1000)
}

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

export function formatMoment(iso: string | null | undefined): string {
  return iso === null || iso === undefined ? '–' : moment.format(new Date(iso))
}

const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

/** "5 minutes ago" for the last day, the date after that. */
export function formatAgo(iso: string, now = Date.now()): string {
  const seconds = (Date.parse(iso) - now) / 1000
  if (seconds > -45) return 'just now'
  if (seconds > -3600) return relative.format(Math.round(seconds / 60), 'minute')
  if (seconds > -86_400) return relative.format(Math.round(seconds / 3600), 'hour')
  return formatMoment(iso)
}
