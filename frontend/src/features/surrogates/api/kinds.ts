/** What surrogates may be, as people call it. */
import type { TrainingRequest } from '@/api'

const NAMES: Record<string, string> = {
  gp: 'Gaussian process',
  ensemble: 'Ensemble of networks',
  boosting: 'Gradient boosting',
  ridge: 'Quadratic ridge',
}

export type WantedKind = NonNullable<TrainingRequest['kind']>

export const WANTED_KINDS: readonly { value: WantedKind; label: string }[] = [
  { value: 'auto', label: 'Choose by the number of cases' },
  { value: 'gp', label: 'Gaussian process' },
  { value: 'ensemble', label: 'Ensemble of networks' },
  { value: 'boosting', label: 'Gradient boosting' },
  { value: 'ridge', label: 'Quadratic ridge' },
  { value: 'all', label: 'Try all, keep the best' },
]

export function nameKind(kind: string | null | undefined): string {
  return kind === null || kind === undefined ? '–' : (NAMES[kind] ?? kind)
}
