import { Table, Text, UnstyledButton } from '@mantine/core'

import type { Front } from '@/api'
import { formatCell, formatNumber, formatUnit } from '@/format/numbers'

type FrontTableProps = { front: Front; onOpen: (index: number) => void }

/** The cases on the front with their objectives and parameters, the best in the first objective first. */
export function FrontTable({ front, onOpen }: FrontTableProps) {
  const { objectives, points } = front
  const byCase = new Map(points.map((point) => [point.case, point]))
  const shown = front.front.flatMap((index) => byCase.get(index) ?? [])
  const parameters = [...new Set(shown.flatMap((point) => Object.keys(point.parameters)))]
  return (
    <Table.ScrollContainer minWidth={120 * (objectives.length + parameters.length + 1)}>
      <Table verticalSpacing={4} highlightOnHover aria-label="Cases on the front">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Case</Table.Th>
            {objectives.map(({ metric, label, unit }) => (
              <Table.Th key={metric} ta="right">
                {label}{' '}
                <Text span size="xs" c="dimmed" fw={400}>
                  {formatUnit(unit)}
                </Text>
              </Table.Th>
            ))}
            {parameters.map((name) => (
              <Table.Th key={name} ta="right">
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((point) => (
            <Table.Tr key={point.case}>
              <Table.Td>
                <UnstyledButton fz="sm" c="var(--mantine-color-anchor)" onClick={() => onOpen(point.case)}>
                  Case {point.case}
                </UnstyledButton>
              </Table.Td>
              {objectives.map(({ metric }) => (
                <Table.Td key={metric} ta="right">
                  {formatNumber(point.objectives[metric])}
                </Table.Td>
              ))}
              {parameters.map((name) => (
                <Table.Td key={name} ta="right">
                  {formatCell(point.parameters[name])}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
