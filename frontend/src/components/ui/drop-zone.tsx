import { Group, Loader, Text, UnstyledButton } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { useRef, useState, type DragEvent } from 'react'

import classes from './drop-zone.module.css'

type DropZoneProps = {
  /** What the zone takes, in words and for the file dialog: "An IDF or epJSON", ".idf,.epjson". */
  label: string
  accept: string
  busy: boolean
  onFiles: (files: File[]) => void
}

/** A place to drop files on, and a button that opens the file dialog. */
export function DropZone({ label, accept, busy, onFiles }: DropZoneProps) {
  const input = useRef<HTMLInputElement>(null)
  const [isOver, setIsOver] = useState(false)

  function takeDrop(event: DragEvent) {
    event.preventDefault()
    setIsOver(false)
    onFiles([...event.dataTransfer.files])
  }

  return (
    <UnstyledButton
      className={classes.zone}
      data-over={isOver || undefined}
      disabled={busy}
      onClick={() => input.current?.click()}
      onDragOver={(event: DragEvent) => {
        event.preventDefault()
        setIsOver(true)
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={takeDrop}
    >
      <Group gap="xs" justify="center" wrap="nowrap">
        {busy ? <Loader size={16} /> : <IconUpload size={16} stroke={1.7} />}
        <Text size="sm" c="dimmed">
          {busy ? 'Uploading and reading…' : label}
        </Text>
      </Group>
      <input
        ref={input}
        type="file"
        hidden
        multiple
        aria-label={label}
        accept={accept}
        onClick={(event) => event.stopPropagation()}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])])
          event.currentTarget.value = ''
        }}
      />
    </UnstyledButton>
  )
}
