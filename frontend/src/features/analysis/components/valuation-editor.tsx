import { Button, Group, NativeSelect, SimpleGrid, Stack, Switch, TextInput, Title } from '@mantine/core'
import { useState } from 'react'

import { ApiError, toApiError } from '@/api'
import { ErrorNotice } from '@/components/ui/error-notice'
import { Panel } from '@/components/ui/panel'

import { useKeepValuation, type KeptValuation } from '../api/valuation'
import {
  buildValuation,
  makeCarrier,
  readValuation,
  type CarrierDraft,
  type ValuationDraft,
} from '../draft/valuation'
import { CARRIERS, nameCarrier } from './carriers'
import { RateField } from './rate-field'

type ValuationEditorProps = {
  batchId: string
  kept: KeptValuation
  /** Those that the batch's cases use. */
  carriers: readonly string[]
}

/** What energy costs and emits: changed at any time, without simulating anything. */
export default function ValuationEditor({ batchId, kept, carriers }: ValuationEditorProps) {
  const [draft, setDraft] = useState<ValuationDraft>(() => readValuation(kept.valuation, carriers))
  const keep = useKeepValuation(batchId)
  const entries = keep.error === null ? [] : toApiError(keep.error).entries
  const errorAt = (prefix: string) => (path: string) =>
    findError(entries, path === '' ? prefix : `${prefix}.${path}`, path === '')
  const change = (part: Partial<ValuationDraft>) => setDraft((old) => ({ ...old, ...part }))
  const changeCarrier = (carrier: string, part: Partial<CarrierDraft>) =>
    change({
      carriers: draft.carriers.map((each) => (each.carrier === carrier ? { ...each, ...part } : each)),
    })
  const money = draft.currency.trim().toUpperCase() || 'money'
  const others = CARRIERS.filter((name) => !draft.carriers.some(({ carrier }) => carrier === name))

  return (
    <Panel title="What energy costs and emits">
      <Stack gap="md">
        <Group gap="sm" align="flex-start">
          <TextInput
            label="Currency"
            w={110}
            placeholder="EUR"
            value={draft.currency}
            error={findError(entries, 'currency', false)}
            onChange={(event) => change({ currency: event.currentTarget.value })}
          />
          <LifeCycleFields draft={draft} errorOf={errorAt('life_cycle')} onChange={change} />
        </Group>
        {draft.carriers.map(({ carrier, tariff, factor }) => (
          <section key={carrier} aria-label={nameCarrier(carrier)}>
            <Title order={3}>{nameCarrier(carrier)}</Title>
            <SimpleGrid cols={{ base: 1, lg: 2 }}>
              <RateField
                label="Tariff"
                unit={`${money}/kWh`}
                rate={tariff}
                withExport={carrier === 'electricity'}
                withStanding
                errorOf={errorAt(`tariffs.${carrier}`)}
                onChange={(rate) => changeCarrier(carrier, { tariff: rate })}
              />
              <RateField
                label="Emission factor"
                unit="kgCO₂e/kWh"
                rate={factor}
                withExport={carrier === 'electricity'}
                withStanding={false}
                errorOf={errorAt(`emission_factors.${carrier}`)}
                onChange={(rate) => changeCarrier(carrier, { factor: rate })}
              />
            </SimpleGrid>
          </section>
        ))}
        {keep.error !== null && (
          <ErrorNotice error={withoutPlaced(toApiError(keep.error))} title="Not kept" />
        )}
        <Group justify="space-between">
          <NativeSelect
            aria-label="Add an energy carrier"
            w={230}
            data={[
              { value: '', label: 'Add an energy carrier…' },
              ...others.map((name) => ({ value: name, label: nameCarrier(name) })),
            ]}
            value=""
            onChange={(event) =>
              change({ carriers: [...draft.carriers, makeCarrier(event.currentTarget.value)] })
            }
          />
          <Group gap="xs">
            {kept.valuation !== null && (
              <Button variant="default" disabled={keep.isPending} onClick={() => keep.mutate(null)}>
                Keep none
              </Button>
            )}
            <Button loading={keep.isPending} onClick={() => keep.mutate(buildValuation(draft))}>
              Apply
            </Button>
          </Group>
        </Group>
      </Stack>
    </Panel>
  )
}

type LifeCycleFieldsProps = {
  draft: ValuationDraft
  errorOf: (path: string) => string | undefined
  onChange: (part: Partial<ValuationDraft>) => void
}

function LifeCycleFields({ draft: { lifeCycle }, errorOf, onChange }: LifeCycleFieldsProps) {
  return (
    <>
      <Switch
        label="Sums over years"
        mt={30}
        checked={lifeCycle !== null}
        onChange={(event) =>
          onChange({
            lifeCycle: event.currentTarget.checked ? { years: '30', discountPercent: '3', rest: {} } : null,
          })
        }
      />
      {lifeCycle !== null && (
        <>
          <TextInput
            label="Years"
            w={90}
            inputMode="numeric"
            value={lifeCycle.years}
            error={errorOf('period_years')}
            onChange={(event) => onChange({ lifeCycle: { ...lifeCycle, years: event.currentTarget.value } })}
          />
          <TextInput
            label="Discount rate [%]"
            w={140}
            inputMode="decimal"
            value={lifeCycle.discountPercent}
            error={errorOf('discount_rate')}
            onChange={(event) =>
              onChange({ lifeCycle: { ...lifeCycle, discountPercent: event.currentTarget.value } })
            }
          />
        </>
      )}
    </>
  )
}

const PLACED = /^(currency|(tariffs|emission_factors)\.\w+|life_cycle)(?=$|\.)/

/** What stands beside a field already need not be said again. */
function withoutPlaced({ status, message, entries }: ApiError): ApiError {
  return new ApiError(
    status,
    message,
    entries.filter(({ path }) => !PLACED.test(path)),
  )
}

/** What is wrong at a path or below it; `isExact` leaves out what stands below. */
function findError(
  entries: readonly { path: string; message: string }[],
  path: string,
  isExact: boolean,
): string | undefined {
  const found = entries.filter(
    (entry) =>
      entry.path === path ||
      (!isExact && (entry.path.startsWith(`${path}.`) || entry.path.startsWith(`${path}[`))),
  )
  return found.length === 0 ? undefined : [...new Set(found.map(({ message }) => message))].join(' ')
}
