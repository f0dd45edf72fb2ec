/** What training found out, and what it was trained on: the service describes both as plain objects. */
import type { Surrogate } from '@/api'

export type Accuracy = {
  metric: string
  mean: number
  r2: number | null
  rmse: number
  /** Shares of one; null where the mean of the metric is 0. */
  cvrmse: number | null
  nmbe: number | null
  coverage: number
}

export type Candidate = { kind: string; error: number; cvrmse: Record<string, number | null>; fit_s: number }

export type Report = {
  kind: string
  cases: number
  level: number
  accuracy: Accuracy[]
  candidates: Candidate[]
  curve: { cases: number; cvrmse: Record<string, number | null> }[]
  warnings: string[]
}

/** Losses by part of the training: [step, loss], from the first step. */
export type Curves = Record<string, [number, number][]>

export function readReport({ report }: Pick<Surrogate, 'report'>): Report | null {
  return report as Report | null
}

export function readCurves({ curves }: Pick<Surrogate, 'curves'>): Curves {
  return curves as Curves
}

export type LeftOut = { cases: [reason: string, count: number][]; metrics: [name: string, gaps: number][] }

/** What training made no use of; nothing is known of it before it has ended. */
export function readLeftOut({ provenance }: Pick<Surrogate, 'provenance'>): LeftOut {
  const { left_out, metrics_with_gaps } = provenance as Partial<
    Record<'left_out' | 'metrics_with_gaps', Record<string, number>>
  >
  return { cases: Object.entries(left_out ?? {}), metrics: Object.entries(metrics_with_gaps ?? {}) }
}
