import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { delay, http, HttpResponse } from 'msw'

import { batch, preview } from '@/testing/examples'
import { renderApp } from '@/testing/render-app'
import { ORIGIN, refuse, service } from '@/testing/service'

import { makeDraft, type StudyDraft } from '../draft/draft'
import { storeDraft } from '../draft/draft-storage'
import { makeParameter } from '../draft/parameter-draft'

const PREVIEW = `${ORIGIN}/api/batches/preview/`
const target = { className: 'Lights', field: 'Watts per Floor Area', unit: 'W/m2', objects: ['*'] }

function keep(part: Partial<StudyDraft>) {
  const parameters = [{ ...makeParameter(target, []), name: 'lighting', values: ['5', '10'] }]
  storeDraft({
    ...makeDraft(),
    name: 'Lights',
    models: ['warehouse'],
    weathers: ['chicago'],
    parameters,
    ...part,
  })
}

/** Every study that was asked about, the last one last. */
function listen(): unknown[] {
  const asked: unknown[] = []
  service.use(
    http.post(PREVIEW, async ({ request }) => {
      const isText = request.headers.get('Content-Type') === 'application/yaml'
      asked.push(isText ? await request.text() : await request.json())
      return HttpResponse.json(preview)
    }),
  )
  return asked
}

const change = (element: HTMLElement, value: string) => fireEvent.change(element, { target: { value } })

describe('the form of a study', () => {
  it('varies a measure by a distribution, with its arguments', async () => {
    keep({ parameters: [], method: 'sobol' })
    const asked = listen()
    const { user } = renderApp('/new')
    await user.click(await screen.findByRole('button', { name: 'Add measure' }))
    await user.click(await screen.findByRole('button', { name: 'Add Overhangs' }))
    const card = await screen.findByRole('group', { name: 'Parameter overhangs' })
    change(within(card).getByLabelText('Facade'), 'south')
    change(within(card).getByLabelText('Varies over'), 'triangular')
    change(await within(card).findByLabelText('Lowest'), '0')
    change(within(card).getByLabelText('Most likely'), '0.5')
    change(within(card).getByLabelText('Highest'), '1')
    await waitFor(() =>
      expect(asked.at(-1)).toMatchObject({
        design: { method: 'sobol', samples: 32, seed: 1 },
        parameters: [
          {
            name: 'overhangs',
            measure: 'overhangs',
            arguments: { facade: 'south' },
            triangular: { low: 0, mode: 0.5, high: 1 },
          },
        ],
      }),
    )
  })

  it('puts what is wrong beside constraints, arguments, designs and targets', async () => {
    const { parameters } = { parameters: [makeParameter(target, [])] }
    keep({ constraints: ['lighting <'], parameters: parameters.map((one) => ({ ...one, values: ['5'] })) })
    const wrong = (path: string, message: string) => ({ path, message, found: null, accepted: null })
    service.use(
      http.post(PREVIEW, () =>
        refuse(400, 'The study has 3 problems.', [
          wrong('constraints[0]', 'Write a number after `<`.'),
          wrong('design.levels', 'Write at least 2.'),
          wrong('parameters[0].target.field', 'There is no such field.'),
        ]),
      ),
    )
    renderApp('/new')
    const constraint = await screen.findByLabelText('Constraint 1')
    await waitFor(() => expect(constraint).toBeInvalid())
    expect(screen.getByLabelText('Levels of a range')).toBeInvalid()
    const card = await screen.findByRole('group', { name: /^Parameter/ })
    expect(within(card).getByText('There is no such field.')).toBeVisible()
  })

  it('reads a table from a file by the service', async () => {
    keep({ method: 'table' })
    const asked = listen()
    service.use(
      http.post(`${ORIGIN}/api/study-tables/`, () =>
        HttpResponse.json({
          columns: [{ name: 'lighting', kind: 'number' }],
          rows: [{ lighting: 5 }, { lighting: 7.5 }],
          row_count: 2,
        }),
      ),
    )
    const { user } = renderApp('/new')
    const input = await screen.findByLabelText(/Drop a table here/)
    await user.upload(input, new File(['x'], 'cases.csv'))
    expect(await screen.findByText('2 rows of lighting')).toBeVisible()
    await waitFor(() =>
      expect(asked.at(-1)).toMatchObject({
        design: { method: 'table', rows: [{ lighting: 5 }, { lighting: 7.5 }] },
      }),
    )
  })
})

describe('a study as text', () => {
  it('is taken into the form where that shows all of it', async () => {
    keep({})
    const { user } = renderApp('/new')
    await user.click(await screen.findByRole('button', { name: 'Study as YAML' }))
    const text = 'name: Pasted\nmodel: warehouse\nweather: chicago\ndesign: {method: sobol, samples: 64}\n'
    change(await screen.findByRole('textbox', { name: 'YAML' }), text)
    await user.click(screen.getByRole('button', { name: 'Use this study' }))
    await waitFor(() => expect(screen.getByLabelText('Name of the batch')).toHaveValue('Pasted'))
    expect(await screen.findByRole('textbox', { name: 'Samples' })).toHaveValue('64')
  })

  it('stays text to the letter where the form cannot show it, and is submitted so', async () => {
    const text = '# mine\nname: Degree days\nengine: executable:degree_days\nweather: chicago\n'
    keep({ text })
    const asked = listen()
    const sent: string[] = []
    service.use(
      http.post(`${ORIGIN}/api/batches/`, async ({ request }) => {
        sent.push(await request.text())
        return HttpResponse.json({ ...batch, state: 'queued' }, { status: 202 })
      }),
    )
    const { user } = renderApp('/new')
    expect(await screen.findByText('The form cannot show all of this study')).toBeVisible()
    expect(screen.getByText('engine')).toBeVisible()
    await user.click(await screen.findByRole('button', { name: 'Submit 2 cases' }))
    await waitFor(() => expect(sent).toEqual([text]))
    expect(asked).toEqual([text])
  })

  it('says why it is none', async () => {
    keep({})
    const { user } = renderApp('/new')
    await user.click(await screen.findByRole('button', { name: 'Study as YAML' }))
    change(await screen.findByRole('textbox', { name: 'YAML' }), 'just words')
    await user.click(screen.getByRole('button', { name: 'Use this study' }))
    expect(await screen.findByText(/This is no study/)).toBeVisible()
  })
})

describe('the preview', () => {
  it('tells what is lost, known, needed and touched', async () => {
    keep({})
    renderApp('/new')
    expect(await screen.findByText('6 of 8 (75 %)')).toBeVisible()
    expect(screen.getByText('1 like an earlier one')).toBeVisible()
    expect(screen.getByText('1, not run again')).toBeVisible()
    expect(screen.getByText('about 4 s (3 s to 6 s), 2 at a time')).toBeVisible()
    expect(screen.getByText('about 2 MB (1 MB to 3 MB)')).toBeVisible()
    const touched = await screen.findByRole('region', { name: 'What is touched' })
    expect(within(touched).getByText(/Lights › Watts per Floor Area/)).toHaveTextContent('in Office_Lights')
    expect(screen.getByText('Watts per floor area: 11.84 → 5 W/m2 in 1 object')).toBeVisible()
  })

  it('never shows the answer to an earlier study', async () => {
    keep({})
    let asked = 0
    service.use(
      http.post(PREVIEW, async () => {
        asked += 1
        if (asked > 1) await delay('infinite')
        return HttpResponse.json({ ...preview, case_count: 4321 })
      }),
    )
    const { user } = renderApp('/new')
    expect(await screen.findByText('4,321 cases')).toBeVisible()
    await user.click(await screen.findByRole('switch', { name: /Baseline/ }))
    expect(screen.getByText('4,321 cases')).not.toBeVisible()
    expect(screen.getByRole('button', { name: 'Submit' })).toBeVisible()
    await waitFor(() => expect(asked).toBe(2))
    expect(screen.getByText('4,321 cases')).not.toBeVisible()
  })

  it('runs a pilot and asks again when that has ended', async () => {
    keep({})
    const asked = listen()
    const started: unknown[] = []
    service.use(
      http.post(`${ORIGIN}/api/batches/pilot/`, async ({ request }) => {
        started.push(await request.json())
        return HttpResponse.json({ ...batch, name: 'Pilot: Lights' }, { status: 202 })
      }),
      http.get(`${ORIGIN}/api/batches/${batch.id}/`, () =>
        HttpResponse.json({ ...batch, name: 'Pilot: Lights' }),
      ),
    )
    const { user } = renderApp('/new')
    await screen.findByText('2 cases')
    await user.click(screen.getByRole('button', { name: 'Pilot run' }))
    expect(await screen.findByRole('link', { name: 'Pilot: Lights' })).toBeVisible()
    expect(started).toEqual([{ study: asked[0] }])
    await waitFor(() => expect(asked).toHaveLength(2))
  })
})
