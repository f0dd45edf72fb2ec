import { ApiError, toApiError } from './problem'

function respond(status: number): Response {
  return new Response(null, { status })
}

describe('an error of the service', () => {
  it('keeps the detail and every entry of a problem document', () => {
    const entry = {
      path: 'parameters[1].target.object',
      message: 'No such object.',
      found: 'X',
      accepted: ['Y'],
    }
    const error = toApiError({ detail: 'The study has 1 problem.', errors: [entry] }, respond(400))
    expect(error).toBeInstanceOf(ApiError)
    expect(error.status).toBe(400)
    expect(error.message).toBe('The study has 1 problem.')
    expect(error.entries).toEqual([entry])
  })

  it('says what to do when the server does not answer', () => {
    const error = toApiError(new TypeError('fetch failed'))
    expect(error.status).toBe(0)
    expect(error.message).toMatch(/does not answer/)
  })

  it('has a sentence of its own where the body is no problem document', () => {
    expect(toApiError('<html>Bad gateway</html>', respond(502)).message).toMatch(/status 502/)
    expect(toApiError(undefined, respond(404)).message).toMatch(/nothing here/)
    expect(toApiError({ detail: '' }, respond(403)).message).toBe('You may not do this.')
  })

  it('drops entries that are no entries and fills in what they lack', () => {
    const error = toApiError({ detail: 'No.', errors: ['odd', null, { path: 3 }] }, respond(400))
    expect(error.entries).toEqual([{ path: '', message: 'refused', found: undefined, accepted: undefined }])
  })

  it('passes an ApiError through', () => {
    const error = new ApiError(409, 'It is running.')
    expect(toApiError(error, respond(500))).toBe(error)
  })
})
