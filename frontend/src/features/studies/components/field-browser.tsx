import { Drawer, Grid, Text } from '@mantine/core'
import { IconPointer } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { EmptyState } from '@/components/ui/empty-state'
import { ErrorNotice } from '@/components/ui/error-notice'
import { classesOptions } from '@/features/library/api/library'

import type { ChosenField } from '../draft/parameter-draft'
import { ClassList } from './class-list'
import { FieldTable } from './field-table'

type FieldBrowserProps = {
  model: string
  /** What the chosen field is for: "Add a parameter". */
  purpose: string
  opened: boolean
  onAdd: (field: ChosenField) => void
  onClose: () => void
}

/** The model's classes, the objects of one, and its fields: where parameters are chosen. */
export default function FieldBrowser({ model, purpose, opened, onAdd, onClose }: FieldBrowserProps) {
  const [chosen, setChosen] = useState<string | null>(null)
  const classes = useQuery({ ...classesOptions(model), enabled: opened && model !== '' })
  const isKnown = classes.data?.some(({ name }) => name === chosen) === true

  return (
    <Drawer
      opened={opened}
      onClose={onClose}
      position="right"
      size="min(1120px, 100vw)"
      title={`${purpose} of ${model}`}
    >
      {classes.error !== null && (
        <ErrorNotice
          error={classes.error}
          title="The model could not be read"
          onRetry={() => void classes.refetch()}
        />
      )}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, sm: 4 }}>
          <ClassList classes={classes.data} chosen={chosen} onChoose={setChosen} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, sm: 8 }}>
          {chosen !== null && isKnown ? (
            <FieldTable key={chosen} model={model} className={chosen} onAdd={onAdd} />
          ) : (
            <EmptyState icon={IconPointer} title="Choose a class">
              <Text size="sm">
                Its objects and fields appear here, with units, present values and what the engine allows.
              </Text>
            </EmptyState>
          )}
        </Grid.Col>
      </Grid>
    </Drawer>
  )
}
