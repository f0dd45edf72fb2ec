import { listTicks, makeScale, rangeOf } from './scale'

describe('the ticks of an axis', () => {
  it.each([
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 0.7, [0, 0.2, 0.4, 0.6]],
    [-3, 7, [-2, 0, 2, 4, 6]],
    [103_000, 127_000, [105_000, 110_000, 115_000, 120_000, 125_000]],
    [0.1, 0.3, [0.1, 0.15, 0.2, 0.25, 0.3]],
    [4, 4, [4]],
    [Number.NaN, 1, []],
  ])('from %d to %d are round', (low, high, ticks) => {
    expect(listTicks(low, high)).toEqual(ticks)
  })
})

describe('a scale', () => {
  it('puts the ends at the ends and a lone value in the middle', () => {
    const scale = makeScale([10, 20], [100, 0])
    expect([10, 15, 20].map(scale.at)).toEqual([100, 50, 0])
    expect(makeScale([3, 3], [0, 100]).at(3)).toBe(50)
  })

  it('leaves room around the values, and none beyond what bounds them', () => {
    expect(rangeOf([0, 10])).toEqual([-0.5, 10.5])
    expect(rangeOf([4, 10], [0])).toEqual([0, 10.5])
    expect(rangeOf([5])).toEqual([4.75, 5.25])
    expect(rangeOf([])).toEqual([0, 1])
  })
})
