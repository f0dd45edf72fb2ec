import { Button, Grid } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useMemo, useState } from 'react'

import { Page } from '@/components/ui/page'

import { useSubmitStudy } from '../api/submit'
import { useLivePreview } from '../api/use-live-preview'
import { buildDocument } from '../draft/build-study'
import { forgetDraft } from '../draft/draft-storage'
import { placeFindings } from '../draft/place-findings'
import { useDraft } from '../draft/use-draft'
import { DiscardButton } from './discard-button'
import { PreviewPanel } from './preview-panel'
import { StudyForm } from './study-form'

const StudyText = lazy(() => import('./study-text'))
const StudyYaml = lazy(() => import('./study-yaml'))

/** Builds a study by form, or as text, shows what it would become while one types, and submits it. */
export default function NewBatchPage() {
  const editor = useDraft()
  const { draft } = editor
  const [isYamlOpen, yaml] = useDisclosure(false)
  const [wasTried, setWasTried] = useState(false)
  const navigate = useNavigate()
  const submit = useSubmitStudy()
  const preview = useLivePreview(draft, submit.error)
  const { missing, refused } = preview
  const errorOf = useMemo(() => {
    const { byControl } = placeFindings(wasTried ? [...refused, ...missing] : refused)
    return (path: string) =>
      byControl
        .get(path)
        ?.map((finding) => finding.message)
        .join(' ')
  }, [refused, missing, wasTried])

  function submitStudy() {
    setWasTried(true)
    if (missing.length > 0) return
    submit.mutate(buildDocument(draft), {
      onSuccess: (batch) => {
        forgetDraft()
        void navigate({ to: '/batches/$batchId', params: { batchId: batch.id } })
      },
    })
  }

  return (
    <Page
      title="New batch"
      actions={
        <>
          <Button variant="default" onClick={yaml.open}>
            Study as YAML
          </Button>
          <DiscardButton onDiscard={editor.replace} />
        </>
      }
    >
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 8 }}>
          {draft.text === '' ? (
            <StudyForm editor={editor} errorOf={errorOf} />
          ) : (
            <Suspense>
              <StudyText editor={editor} />
            </Suspense>
          )}
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <PreviewPanel
            preview={preview}
            isSubmitting={submit.isPending}
            submitError={submit.error}
            onSubmit={submitStudy}
          />
        </Grid.Col>
      </Grid>
      <Suspense>
        <StudyYaml editor={editor} opened={isYamlOpen} onClose={yaml.close} />
      </Suspense>
    </Page>
  )
}
