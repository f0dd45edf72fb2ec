/** The measures that the service knows, each with the form of its arguments. */
import { listMeasuresOptions } from '@/api'

/** They come with the service's release, so they are asked for once. */
export function measuresOptions() {
  return { ...listMeasuresOptions(), staleTime: Infinity }
}
