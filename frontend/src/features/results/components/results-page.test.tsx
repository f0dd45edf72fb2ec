import { screen, within } from '@testing-library/react'
import { http, HttpResponse } from 'msw'

import { batch, rows, upload, weather } from '@/testing/examples'
import { renderApp } from '@/testing/render-app'
import { ORIGIN, page, service } from '@/testing/service'

import { compareValues } from './result-columns'

const ADDRESS = `/batches/${batch.id}/results`

async function readColumn(position: number): Promise<(string | null)[]> {
  const table = await screen.findByRole('table', { name: 'Result table' })
  const [, ...rows] = within(table).getAllByRole('row')
  return rows.map((row) => within(row).getAllByRole('cell')[position]?.textContent ?? null)
}

describe('the result table', () => {
  it('has units in its head, and nothing where a run produced nothing', async () => {
    renderApp(ADDRESS)
    expect(await screen.findByRole('columnheader', { name: /Total site energy\s*kWh/ })).toBeVisible()
    expect(screen.getByRole('columnheader', { name: /lighting_w_m2\s*W\/m²/ })).toBeVisible()
    expect(await readColumn(5)).toEqual(['1,500.0', '1,234.6', '–'])
    expect(screen.getByText('3 rows · 2 valid · 1 failed (no metrics)')).toBeVisible()
  })

  it('sorts by a column, with what is missing last', async () => {
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('button', { name: /Total site energy/ }))
    const first = await readColumn(5)
    await user.click(screen.getByRole('button', { name: /Total site energy/ }))
    const second = await readColumn(5)
    expect([first, second]).toEqual([
      ['1,234.6', '1,500.0', '–'],
      ['1,500.0', '1,234.6', '–'],
    ])
  })

  it('hides metrics that no case reports until one asks for them', async () => {
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Columns 2 of 3' }))
    expect(screen.queryByRole('columnheader', { name: /District heating/ })).toBeNull()
    await user.click(await screen.findByRole('checkbox', { name: /District heating/ }))
    expect(await screen.findByRole('columnheader', { name: /District heating/ })).toBeInTheDocument()
  })

  it('leaves the baselines out when one says so', async () => {
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('switch', { name: 'Show baselines' }))
    expect(await readColumn(0)).toEqual(['0', '1'])
  })

  it('can be downloaded in every format', async () => {
    const { user } = renderApp(ADDRESS)
    await user.click(await screen.findByRole('button', { name: 'Download' }))
    const links = await screen.findAllByRole('menuitem')
    expect(links.map((link) => link.getAttribute('href'))).toEqual(
      ['csv', 'parquet', 'xlsx', 'json'].map((format) => `${batch.results_url}?as=${format}`),
    )
  })

  it('names an upload by its file', async () => {
    const uploaded = rows.map((row) => ({ ...row, weather: upload.id }))
    service.use(
      http.get(`${ORIGIN}/api/weather/`, () => HttpResponse.json(page([weather, upload]))),
      http.get(`${ORIGIN}/api/batches/${batch.id}/results/`, () => HttpResponse.json(uploaded)),
    )
    renderApp(ADDRESS)
    expect(await screen.findAllByRole('cell', { name: 'mine.epw' })).toHaveLength(3)
  })

  it('of too many rows is not read into the page', async () => {
    const huge = { ...batch, progress: { finished: 20_000, total: 20_000, percent: 100 } }
    service.use(http.get(`${ORIGIN}/api/batches/${batch.id}/`, () => HttpResponse.json(huge)))
    renderApp(ADDRESS)
    expect(await screen.findByText('20,000 rows are more than this page shows')).toBeVisible()
  })
})

describe('values', () => {
  it('are ordered by size, names by the alphabet and the numbers in them', () => {
    expect([10, 9, -1].sort(compareValues)).toEqual([-1, 9, 10])
    expect(['b10', 'b9', 'a'].sort(compareValues)).toEqual(['a', 'b9', 'b10'])
  })
})
