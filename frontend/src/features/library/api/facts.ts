/** The facts of a library item as one short line. */
import { formatBytes, formatNumber } from '@/format/numbers'

import type { LibraryItem, LibraryKind } from './library'

export function describeFacts(kind: LibraryKind, item: LibraryItem): string {
  const facts = item.facts as Record<string, unknown>
  const parts = kind === 'models' ? describeModel(facts) : describeWeather(facts)
  return [...parts.filter((part) => part !== ''), formatBytes(item.size_bytes)].join(' · ')
}

/** What its owner should know of an upload: attachments that nothing refers to, say. */
export function readNotes(item: LibraryItem): string[] {
  const { notes } = item.facts as { notes?: unknown }
  return Array.isArray(notes) ? notes.map(String) : []
}

function describeModel(facts: Record<string, unknown>): string[] {
  const location = readText(facts.location)
  return [
    readText(facts.building_name),
    readAmount(facts.zone_count, 'zone', 'zones'),
    readAmount(facts.surface_count, 'surface', 'surfaces'),
    location === '' ? '' : `made for ${location}`,
  ]
}

function describeWeather(facts: Record<string, unknown>): string[] {
  const place = ['city', 'region', 'country']
    .map((key) => readText(facts[key]))
    .filter((text) => text !== '' && text !== '-')
  return [
    place.join(', '),
    `${readDegrees(facts.latitude_deg, 'N', 'S')} ${readDegrees(facts.longitude_deg, 'E', 'W')}`.trim(),
    readMeasure(facts.heating_degree_days_18c, 'HDD18'),
    readMeasure(facts.cooling_degree_days_18c, 'CDD18'),
  ]
}

function readAmount(value: unknown, one: string, many: string): string {
  return typeof value === 'number' ? `${formatNumber(value)} ${value === 1 ? one : many}` : ''
}

function readText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function readMeasure(value: unknown, unit: string): string {
  return typeof value === 'number' ? `${formatNumber(value, 4)} ${unit}` : ''
}

function readDegrees(value: unknown, positive: string, negative: string): string {
  if (typeof value !== 'number') return ''
  return `${formatNumber(Math.abs(value), 4)}° ${value < 0 ? negative : positive}`
}
