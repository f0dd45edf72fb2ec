/** Tables of cases in files: the service reads CSV, Parquet and Excel. */
import { useMutation } from '@tanstack/react-query'

import { readStudyTable } from '@/api'

export function useReadTable() {
  return useMutation({
    mutationFn: async (file: File) => (await readStudyTable({ body: { file }, throwOnError: true })).data,
  })
}
