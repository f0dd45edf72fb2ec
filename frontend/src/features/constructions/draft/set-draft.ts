/** A construction set as the editor holds it: numbers as typed, '' for what is not known. */
import type { ConstructionRequest, ShownConstruction } from '@/api'
import { parseValue } from '@/format/parse-value'

/** The figures of a construction that may be changed in its row. */
export const FIGURES = ['cost_per_m2', 'embodied_carbon_kgco2e_m2', 'service_life_years'] as const
export type Figure = (typeof FIGURES)[number]

export type ConstructionDraft = {
  name: string
  figures: Record<Figure, string>
  source: string
  /** Numbers of each layer by their names, as typed. */
  layers: Record<string, string>[]
  glazing: Record<string, string>
}

type Numbers = Record<string, unknown>

export function readConstructions(constructions: readonly ShownConstruction[]): ConstructionDraft[] {
  return constructions.map((construction) => ({
    name: construction.name,
    figures: Object.fromEntries(FIGURES.map((figure) => [figure, asText(construction[figure])])) as Record<
      Figure,
      string
    >,
    source: construction.source ?? '',
    layers: (construction.layers ?? []).map(readNumbers),
    glazing: readNumbers(construction.glazing ?? {}),
  }))
}

function readNumbers(part: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(part as Numbers).flatMap(([name, value]) =>
      typeof value === 'number' ? [[name, value.toString()]] : [],
    ),
  )
}

/** The constructions of a set with the draft's numbers in place of theirs; all else stays as it is. */
export function buildConstructions(
  constructions: readonly ShownConstruction[],
  drafts: readonly ConstructionDraft[],
): ConstructionRequest[] {
  return constructions.map((construction, at) => {
    const kept = withoutShown(construction)
    const draft = drafts[at]
    if (draft === undefined) return kept
    return {
      ...kept,
      name: draft.name.trim(),
      source: draft.source.trim(),
      ...buildFigures(draft),
      ...(kept.layers !== undefined && {
        layers: kept.layers.map((layer, position) => ({ ...layer, ...buildNumbers(draft.layers[position]) })),
      }),
      ...(kept.glazing !== undefined &&
        kept.glazing !== null && { glazing: { ...kept.glazing, ...buildNumbers(draft.glazing) } }),
    }
  })
}

/** The U-factor follows from the layers. */
function withoutShown(construction: ShownConstruction): ConstructionRequest {
  const kept = Object.entries(construction).filter(([key]) => key !== 'u_factor')
  return Object.fromEntries(kept) as ConstructionRequest
}

function buildFigures({ figures }: ConstructionDraft): Record<Figure, number | null> {
  const entries = FIGURES.map((figure) => [
    figure,
    figures[figure].trim() === '' ? null : parseValue(figures[figure]),
  ])
  return Object.fromEntries(entries) as Record<Figure, number | null>
}

/** What is no number goes out as it was typed, and comes back with what is wrong with it. */
function buildNumbers(numbers: Record<string, string> = {}): Record<string, number> {
  return Object.fromEntries(Object.entries(numbers).map(([name, text]) => [name, parseValue(text) as number]))
}

function asText(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : value.toString()
}
