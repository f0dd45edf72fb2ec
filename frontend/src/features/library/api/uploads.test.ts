import { expect, it } from 'vitest'

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
