import {
  formatBytes,
  formatCell,
  formatNumber,
  formatParameterUnit,
  formatPercent,
  formatUnit,
  makeColumnFormat,
} from './numbers'

describe('a number', () => {
  it('keeps its significant digits and never cuts digits before the point', () => {
    expect(formatNumber(1234567.89)).toBe('1,234,568')
    expect(formatNumber(0.123456789)).toBe('0.12346')
    expect(formatNumber(12.345678, 3)).toBe('12.3')
    expect(formatNumber(0)).toBe('0')
    expect(formatNumber(-1234.567)).toBe('-1,234.6')
    expect(formatNumber(0.0000123)).toBe('1.230e-5')
  })

  it('is a dash where there is none, not a zero', () => {
    expect(formatNumber(null)).toBe('–')
    expect(formatCell(null)).toBe('–')
    expect(formatCell('')).toBe('–')
  })
})

describe('a column', () => {
  it('has as many decimals in every row as its largest number needs', () => {
    const format = makeColumnFormat([1.5787, 0.44562, 12])
    expect([1.5787, 0.44562, 12].map(format)).toEqual(['1.579', '0.446', '12.000'])
    expect([0.05, 0.1, 0.2].map(makeColumnFormat([0.05, 0.1, 0.2]))).toEqual(['0.05', '0.10', '0.20'])
  })

  it('writes whole numbers without decimals', () => {
    expect(makeColumnFormat([0, 12000])(12000)).toBe('12,000')
  })

  it('does not let small numbers vanish', () => {
    expect(makeColumnFormat([10000, 0.00002])(0.00002)).not.toBe('0')
  })
})

describe('progress', () => {
  it('is 100 % only when every case is finished', () => {
    expect(formatPercent(999, 1000)).toBe('99.9 %')
    expect(formatPercent(99_999, 100_000)).toBe('99.9 %')
    expect(formatPercent(1000, 1000)).toBe('100 %')
    expect(formatPercent(1, 3)).toBe('33 %')
    expect(formatPercent(0, 0)).toBe('0 %')
  })
})

describe('a unit', () => {
  it('has signs where the engine has letters', () => {
    expect(formatUnit('W/m2-K')).toBe('W/m²·K')
    expect(formatUnit('kWh/m2')).toBe('kWh/m²')
    expect(formatUnit('C')).toBe('°C')
    expect(formatUnit('deg')).toBe('°')
    expect(formatUnit(null)).toBe('')
    expect(formatUnit('1')).toBe('')
    expect(formatParameterUnit('1')).toBe('×')
  })
})

describe('a size', () => {
  it('is told in the unit that fits', () => {
    expect(formatBytes(512)).toBe('512 B')
    expect(formatBytes(151_000)).toBe('151 kB')
    expect(formatBytes(1_640_000)).toBe('1.64 MB')
  })
})
