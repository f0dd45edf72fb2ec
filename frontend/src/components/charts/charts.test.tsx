import { screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'

import { renderPart } from '@/testing/render-app'

import { IntervalBars } from './interval-bars'
import { ScatterChart, type ScatterPoint } from './scatter-chart'
import { StepLine } from './step-line'

describe('bars with intervals', () => {
  it('begin at zero, go both ways, and say their values and intervals', () => {
    renderPart(
      <IntervalBars
        label="Indices"
        series={['S1']}
        rows={[
          { key: 'a', label: 'Roof', bars: [{ value: 0.5, low: 0.4, high: 0.6 }] },
          { key: 'b', label: 'Wall', bars: [{ value: -0.25 }] },
          { key: 'c', label: 'None', bars: [{ value: null }] },
        ]}
      />,
    )
    const chart = screen.getByRole('img', { name: 'Indices' })
    expect(within(chart).getByText('S1 0.5 (0.4 to 0.6)')).toBeInTheDocument()
    expect(within(chart).getByText('S1 -0.25')).toBeInTheDocument()
    const [up, down] = [...chart.querySelectorAll('rect')].map((bar) => ({
      x: Number(bar.getAttribute('x')),
      width: Number(bar.getAttribute('width')),
    }))
    expect(chart.querySelectorAll('rect')).toHaveLength(2)
    expect(up?.width).toBeCloseTo(2 * (down?.width ?? 0))
    expect(up?.x).toBeCloseTo((down?.x ?? 0) + (down?.width ?? 0))
    expect(chart.querySelectorAll('path.interval, g > path')).toHaveLength(2)
  })
})

const point = (key: string, x: number, y: number, isMarked: boolean): ScatterPoint => ({
  key,
  x,
  y,
  isMarked,
  note: `note of ${key}`,
  spoken: `Case ${key}`,
})

describe('a scatter chart', () => {
  it('joins the marked points from left to right and opens them by keyboard', async () => {
    const opened: string[] = []
    renderPart(
      <ScatterChart
        label="Front"
        xLabel="cost"
        yLabel="energy"
        isJoined
        points={[point('2', 20, 1, true), point('1', 10, 3, true), point('3', 15, 5, false)]}
        onOpen={(key) => opened.push(key)}
      />,
    )
    const chart = screen.getByRole('group', { name: 'Front' })
    const corners = chart.querySelector('polyline')?.getAttribute('points')?.split(' ') ?? []
    const places = corners.map((corner) => corner.split(',').map(Number))
    expect(places).toHaveLength(2)
    expect(places[0]?.[0]).toBeLessThan(places[1]?.[0] ?? 0)
    expect(places[0]?.[1]).toBeLessThan(places[1]?.[1] ?? 0) // more energy stands higher
    const user = userEvent.setup()
    await user.tab()
    expect(screen.getByText('note of 1')).toBeVisible()
    await user.keyboard('{Enter}')
    expect(opened).toEqual(['1'])
    expect(within(chart).getAllByRole('button')).toHaveLength(2)
  })
})

describe('a step line', () => {
  it('has a point for each step', () => {
    renderPart(<StepLine label="Best" values={[9, 4, 3]} xLabel="Generation" yLabel="kWh" />)
    const chart = screen.getByRole('img', { name: 'Best' })
    expect(within(chart).getByText('Generation 3: 3')).toBeInTheDocument()
    expect(chart.querySelectorAll('circle')).toHaveLength(3)
  })
})
