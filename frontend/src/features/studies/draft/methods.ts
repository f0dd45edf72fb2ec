/** The designs and the ways to vary a parameter, in the words of the form. */
import type { Method } from './draft'
import type { Spread } from './parameter-draft'

export type MethodWords = { value: Method; label: string; explanation: string }

/** By what one wants of the cases. */
export const METHOD_GROUPS: readonly { group: string; items: readonly MethodWords[] }[] = [
  {
    group: 'Every value',
    items: [
      { value: 'grid', label: 'Grid', explanation: 'Every value with every other value.' },
      {
        value: 'one_at_a_time',
        label: 'One at a time',
        explanation: 'One parameter varies, the others stay as the model has them.',
      },
    ],
  },
  {
    group: 'Samples',
    items: [
      {
        value: 'lhs',
        label: 'Latin hypercube',
        explanation: 'As many cases as you say, spread evenly over every parameter.',
      },
      {
        value: 'sobol',
        label: 'Sobol’ sequence',
        explanation: 'Even at every length, best at powers of two; can be continued.',
      },
      {
        value: 'halton',
        label: 'Halton sequence',
        explanation: 'Even at every length; can be continued.',
      },
      { value: 'random', label: 'Random', explanation: 'Independent samples, as in Monte Carlo.' },
    ],
  },
  {
    group: 'Sensitivity',
    items: [
      {
        value: 'morris',
        label: 'Morris trajectories',
        explanation:
          'Few cases tell which parameters matter: one more than there are parameters, times the trajectories.',
      },
      {
        value: 'saltelli',
        label: 'Saltelli’s sample',
        explanation: 'Many cases tell how much of the variance each parameter causes (Sobol’ indices).',
      },
    ],
  },
  {
    group: 'Your own',
    items: [{ value: 'table', label: 'Table', explanation: 'The cases you list, one in a row.' }],
  },
  {
    group: 'Optimisation',
    items: [
      {
        value: 'nsga2',
        label: 'NSGA-II',
        explanation: 'Generation by generation towards the best trade-offs of one to four metrics.',
      },
      {
        value: 'differential_evolution',
        label: 'Differential evolution',
        explanation: 'Generation by generation towards the best value of one metric.',
      },
    ],
  },
]

export const METHODS: ReadonlyMap<Method, MethodWords> = new Map(
  METHOD_GROUPS.flatMap(({ items }) => items).map((words) => [words.value, words]),
)

export const SPREADS: readonly { value: Spread; label: string; needsNumbers?: boolean }[] = [
  { value: 'values', label: 'Listed values' },
  { value: 'uniform', label: 'Uniform in a range', needsNumbers: true },
  { value: 'loguniform', label: 'Log-uniform in a range', needsNumbers: true },
  { value: 'normal', label: 'Normal', needsNumbers: true },
  { value: 'truncated_normal', label: 'Normal between two ends', needsNumbers: true },
  { value: 'triangular', label: 'Triangular', needsNumbers: true },
  { value: 'integer', label: 'Whole numbers in a range', needsNumbers: true },
  { value: 'choice', label: 'Choice with weights' },
  { value: 'derived', label: 'Follows from others' },
]
