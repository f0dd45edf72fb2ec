import { http, HttpResponse } from 'msw'

import { batchesCreate, batchesList, readCursor } from '@/api'
import { ORIGIN, page, refuse, service } from '@/testing/service'

const study = { name: 'S', model: 'warehouse', weather: 'chicago', design: { method: 'grid' as const } }

describe('the client', () => {
  it('sends the CSRF token of the cookie with what changes something, and with nothing else', async () => {
    document.cookie = 'csrftoken=secret-token'
    const seen: (string | null)[] = []
    service.use(
      http.get(`${ORIGIN}/api/batches/`, ({ request }) => {
        seen.push(request.headers.get('X-CSRFToken'))
        return HttpResponse.json(page([]))
      }),
      http.post(`${ORIGIN}/api/batches/`, ({ request }) => {
        seen.push(request.headers.get('X-CSRFToken'))
        return HttpResponse.json({}, { status: 202 })
      }),
    )
    await batchesList()
    await batchesCreate({ body: study })
    expect(seen).toEqual([null, 'secret-token'])
  })

  it('throws every refusal as an ApiError', async () => {
    service.use(
      http.post(`${ORIGIN}/api/batches/`, () =>
        refuse(400, 'The study has 1 problem.', [{ path: 'model', message: 'No.' }]),
      ),
    )
    await expect(batchesCreate({ body: study })).rejects.toMatchObject({
      name: 'ApiError',
      status: 400,
      entries: [{ path: 'model' }],
    })
  })
})

describe('a cursor', () => {
  it('is read from the address of the next page', () => {
    expect(readCursor('http://localhost/api/batches/?cursor=cD0x&page_size=2')).toBe('cD0x')
    expect(readCursor('/api/batches/?page_size=2')).toBeUndefined()
    expect(readCursor(null)).toBeUndefined()
  })
})
