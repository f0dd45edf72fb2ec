/** A fake service for tests: the answers of a person who is logged in, with one small model and one finished batch. */
import { http, HttpResponse } from 'msw'
import { setupServer } from 'msw/node'

import {
  batch,
  caseDetail,
  caseMessages,
  cases,
  classes,
  columns,
  front,
  lightsObjects,
  measure,
  model,
  preview,
  rows,
  sensitivity,
  weather,
} from './examples'

export const ORIGIN = 'http://localhost'

export function page<T>(results: T[]) {
  return { next: null, previous: null, results }
}

/** The service's way to refuse (RFC 9457). */
export function refuse(status: number, detail: string, errors: unknown[] = []) {
  return HttpResponse.json(
    { type: 'about:blank', title: 'Refused', status, detail, errors },
    { status, headers: { 'Content-Type': 'application/problem+json' } },
  )
}

export const nobody = http.get(`${ORIGIN}/_allauth/browser/v1/auth/session`, () =>
  HttpResponse.json({ status: 401, data: { flows: [] }, meta: { is_authenticated: false } }, { status: 401 }),
)

export const service = setupServer(
  http.get(`${ORIGIN}/_allauth/browser/v1/auth/session`, () =>
    HttpResponse.json({
      status: 200,
      data: { user: { id: 1, username: 'ada' } },
      meta: { is_authenticated: true },
    }),
  ),
  http.get(`${ORIGIN}/api/models/`, () => HttpResponse.json(page([model]))),
  http.get(`${ORIGIN}/api/weather/`, () => HttpResponse.json(page([weather]))),
  http.get(`${ORIGIN}/api/models/warehouse/classes/`, () => HttpResponse.json(classes)),
  http.get(`${ORIGIN}/api/models/warehouse/objects/`, () => HttpResponse.json(lightsObjects)),
  http.get(`${ORIGIN}/api/measures/`, () => HttpResponse.json([measure])),
  http.post(`${ORIGIN}/api/batches/preview/`, () => HttpResponse.json(preview)),
  http.get(`${ORIGIN}/api/batches/`, () => HttpResponse.json(page([batch]))),
  http.get(`${ORIGIN}/api/batches/${batch.id}/`, () => HttpResponse.json(batch)),
  http.get(`${ORIGIN}/api/batches/${batch.id}/cases/`, () => HttpResponse.json(page(cases))),
  http.get(`${ORIGIN}/api/batches/${batch.id}/cases/1/`, () => HttpResponse.json(caseDetail)),
  http.get(`${ORIGIN}/api/batches/${batch.id}/cases/1/messages/`, () => HttpResponse.json(caseMessages)),
  http.get(`${ORIGIN}/api/batches/${batch.id}/columns/`, () => HttpResponse.json(columns)),
  http.get(`${ORIGIN}/api/batches/${batch.id}/results/`, () => HttpResponse.json(rows)),
  http.get(`${ORIGIN}/api/batches/${batch.id}/sensitivity/`, () => HttpResponse.json(sensitivity)),
  http.get(`${ORIGIN}/api/batches/${batch.id}/front/`, () => HttpResponse.json(front)),
  http.get(`${ORIGIN}/api/batches/${batch.id}/valuation/`, () =>
    HttpResponse.json({ valuation: null, period: 'annual', series: [] }),
  ),
)
