/** Tables of cases in files: the service reads CSV, Parquet and Excel. */
import { useMutation } from '@tanstack/react-query'

import { client } from '@/api/client'

export type ReadTable = { columns: string[]; rows: Record<string, string | number>[] }

export function useReadTable() {
  return useMutation({
    mutationFn: async (file: File) => {
      const body = new FormData()
      body.append('file', file)
      const request = { url: '/api/study-tables/', body, bodySerializer: null, throwOnError: true as const }
      return (await client.post({ ...request, headers: { 'Content-Type': null } })).data as ReadTable
    },
  })
}
