import { expect, it } from 'vitest'

import { readNotes } from './facts'
import type { LibraryItem } from './library'
import { sortUploads } from './uploads'

const file = (name: string) => new File(['x'], name)
const idf = file('shed.idf')
const epjson = file('tower.epJSON')
const people = file('people.csv')

it('gives every model the files that are no models', () => {
  expect(sortUploads('models', [people, idf, epjson])).toEqual([
    { file: idf, attachments: [people] },
    { file: epjson, attachments: [people] },
  ])
})

it('makes nothing of files without a model', () => {
  expect(sortUploads('models', [people])).toEqual([])
})

it('uploads each weather file alone', () => {
  const here = file('here.epw')
  const there = file('there.epw')
  expect(sortUploads('weather', [here, there])).toEqual([
    { file: here, attachments: [] },
    { file: there, attachments: [] },
  ])
})

it('reads the notes of an upload, and none where there are none', () => {
  const item = (facts: object) => ({ facts }) as LibraryItem
  expect(readNotes(item({ notes: ["Attachment 'a.csv': nothing in the model refers to it."] }))).toHaveLength(
    1,
  )
  expect(readNotes(item({}))).toEqual([])
})
