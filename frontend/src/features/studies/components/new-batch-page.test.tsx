import { screen, waitFor, within } from '@testing-library/react'
import { http, HttpResponse } from 'msw'

import { batch, preview } from '@/testing/examples'
import { renderApp } from '@/testing/render-app'
import { ORIGIN, refuse, service } from '@/testing/service'

import { makeDraft } from '../draft/draft'
import { loadDraft, storeDraft } from '../draft/draft-storage'
import { makeParameter } from '../draft/parameter-draft'

const PREVIEW = `${ORIGIN}/api/batches/preview/`
const target = { className: 'Lights', field: 'Watts per Floor Area', unit: 'W/m2', objects: ['*'] }

function keepDraft(values: string[]) {
  const parameters = [{ ...makeParameter(target, []), name: 'lighting', values }]
  storeDraft({ ...makeDraft(), name: 'Lights', models: ['warehouse'], weathers: ['chicago'], parameters })
}

function findParameter(name: RegExp) {
  return screen.findByRole('group', { name })
}

describe('a new batch', () => {
  it('is built from the library and the model, counted while one types, and submitted', async () => {
    const submitted: unknown[] = []
    service.use(
      http.post(`${ORIGIN}/api/batches/`, async ({ request }) => {
        submitted.push(await request.json())
        return HttpResponse.json({ ...batch, state: 'queued' }, { status: 202 })
      }),
    )
    const { router, user } = renderApp('/new')
    await user.type(await screen.findByLabelText('Name of the batch'), 'Warehouse lights')
    await user.click(screen.getByRole('combobox', { name: 'Building model' }))
    await user.click(await screen.findByRole('option', { name: /warehouse/ }))
    await user.click(screen.getByRole('combobox', { name: 'Weather' }))
    await user.click(await screen.findByRole('option', { name: /chicago/ }))

    await user.click(screen.getByRole('button', { name: 'Add parameter' }))
    await user.type(await screen.findByLabelText('Search classes'), 'light')
    const often = await screen.findByRole('region', { name: 'Often varied' })
    await user.click(within(often).getByRole('button', { name: /^Lights/ }))
    const fields = await screen.findByRole('table', { name: 'Fields of Lights' })
    expect(
      within(fields).getByRole('row', { name: /Watts per Floor Area W\/m² 11.84 blank in 1 of 2 ≥ 0/ }),
    ).toBeVisible()
    expect(within(fields).queryByText('Name')).toBeNull()
    await user.click(within(fields).getByRole('button', { name: 'Add Watts per Floor Area' }))

    const card = await findParameter(/watts_per_floor_area_w_m2/)
    expect(await within(card).findByText('2 of 2 objects · now 11.84 W/m² · blank in 1')).toBeVisible()
    await user.type(within(card).getByRole('combobox', { name: 'Values [W/m²]' }), '5 10{Enter}')
    await waitFor(() => expect(screen.getByText('2 cases')).toBeVisible())
    expect(screen.getByText(/about 4 s/)).toBeVisible()
    await user.click(screen.getByRole('button', { name: 'Submit 2 cases' }))

    await waitFor(() => expect(router.state.location.pathname).toBe(`/batches/${batch.id}`))
    expect(submitted).toEqual([
      expect.objectContaining({
        name: 'Warehouse lights',
        model: 'warehouse',
        weather: 'chicago',
        design: { method: 'grid' },
        parameters: [expect.objectContaining({ values: [5, 10], change: 'set' })],
      }),
    ])
    expect(loadDraft()).toEqual(makeDraft())
  })

  it('shows what the service found beside the control that caused it', async () => {
    keepDraft(['-1'])
    service.use(
      http.post(PREVIEW, () =>
        refuse(400, 'The study has 2 problems.', [
          { path: 'parameters[0].values[0]', message: 'Write at least 0 W/m2.', found: -1, accepted: null },
          { path: 'engine', message: 'Did you mean `energyplus`?', found: 'x', accepted: ['energyplus'] },
        ]),
      ),
    )
    renderApp('/new')
    const card = await findParameter(/lighting/)
    expect(await within(card).findByText('Write at least 0 W/m2.')).toBeVisible()
    expect(within(card).getByRole('combobox', { name: /Values/ })).toBeInvalid()
    const summary = screen.getByRole('region', { name: 'Preview' })
    expect(within(summary).getByText('2 problems')).toBeVisible()
    expect(within(summary).getByText(/Did you mean “energyplus”\?/)).toBeVisible()
    expect(within(summary).getByRole('button', { name: 'Submit' })).toBeDisabled()
  })

  it('says what is still to do, and marks it when one submits nevertheless', async () => {
    const { user } = renderApp('/new')
    const summary = await screen.findByRole('region', { name: 'Preview' })
    expect(within(summary).getByText('Choose a building model.')).toBeVisible()
    expect(screen.getByLabelText('Name of the batch')).toBeValid()
    await user.click(within(summary).getByRole('button', { name: 'Submit' }))
    expect(screen.getByLabelText('Name of the batch')).toBeInvalid()
  })

  it('loses nothing on a reload', async () => {
    keepDraft(['5', '10'])
    renderApp('/new')
    expect(await screen.findByLabelText('Name of the batch')).toHaveValue('Lights')
    expect(await findParameter(/lighting/)).toBeVisible()
    await waitFor(() => expect(screen.getByText('2 cases')).toBeVisible())
  })

  it('keeps the form and shows why when the submission is refused', async () => {
    keepDraft(['5'])
    service.use(http.post(`${ORIGIN}/api/batches/`, () => refuse(409, 'The farm is full.')))
    const { user } = renderApp('/new')
    await user.click(await screen.findByRole('button', { name: 'Submit 2 cases' }))
    expect(await screen.findByText('The farm is full.')).toBeVisible()
    expect(screen.getByLabelText('Name of the batch')).toHaveValue('Lights')
  })

  it('asks the service again after a change, with the changed study', async () => {
    keepDraft(['5'])
    const asked: unknown[] = []
    service.use(
      http.post(PREVIEW, async ({ request }) => {
        asked.push(await request.json())
        return HttpResponse.json(preview)
      }),
    )
    const { user } = renderApp('/new')
    await user.click(await screen.findByRole('switch', { name: /Baseline/ }))
    await waitFor(() => expect(asked.at(-1)).toMatchObject({ baseline: true }))
  })

  it('can be read as YAML', async () => {
    keepDraft(['5'])
    const { user } = renderApp('/new')
    await user.click(await screen.findByRole('button', { name: 'Study as YAML' }))
    expect(await screen.findByDisplayValue(/values: \[5\]/)).toBeVisible()
  })
})
