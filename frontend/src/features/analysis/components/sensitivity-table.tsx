import { Table, Text } from '@mantine/core'

import type { Sensitivity } from '@/api'
import { formatNumber, formatUnit } from '@/format/numbers'

/** Every index of every factor, with half the width of its confidence interval. */
export function SensitivityTable({ answer }: { answer: Sensitivity }) {
  const { indices, factors } = answer
  return (
    <Table.ScrollContainer minWidth={200 + 120 * indices.length}>
      <Table verticalSpacing={4} aria-label="Indices">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Parameter</Table.Th>
            {indices.map(({ name, label, unit, meaning }) => (
              <Table.Th key={name} ta="right" title={meaning}>
                {label}
                {unit !== null && (
                  <Text span size="xs" c="dimmed" fw={400}>
                    {' '}
                    {formatUnit(unit)}
                  </Text>
                )}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {factors.map(({ name, label, parameters, values, conf }) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400} title={parameters.join(', ')}>
                {label}
              </Table.Th>
              {indices.map((index) => (
                <Table.Td key={index.name} ta="right">
                  <Amount value={values[index.name]} half={conf[index.name]} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

/** Sobol' indices of second order. */
export function SensitivityPairs({ answer: { pairs, factors } }: { answer: Sensitivity }) {
  const labels = new Map(factors.map(({ name, label }) => [name, label]))
  return (
    <Table verticalSpacing={4} aria-label="Pairs of parameters">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>One</Table.Th>
          <Table.Th>Other</Table.Th>
          <Table.Th ta="right" title="Share of the variance that only both together make.">
            S2
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {pairs.map(({ first, second, s2, s2_conf }) => (
          <Table.Tr key={`${first} ${second}`}>
            <Table.Td>{labels.get(first) ?? first}</Table.Td>
            <Table.Td>{labels.get(second) ?? second}</Table.Td>
            <Table.Td ta="right">
              <Amount value={s2} half={s2_conf} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Amount({ value, half }: { value: number | undefined; half: number | undefined }) {
  return (
    <span title={value?.toString()}>
      {formatNumber(value, 4)}
      {half !== undefined && (
        <Text span inherit c="dimmed">
          {' '}
          ± {formatNumber(half, 2)}
        </Text>
      )}
    </span>
  )
}
