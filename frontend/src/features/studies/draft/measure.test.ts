import { measure } from '@/testing/examples'

import { listArguments } from './measure'

it('makes a field of each argument, by its schema', () => {
  const fields = listArguments(measure).map(({ name, kind, choices, fallback, isRequired }) => [
    name,
    kind,
    choices,
    fallback,
    isRequired,
  ])
  expect(fields).toEqual([
    ['facade', 'choice', ['north', 'south'], '', true],
    ['extension', 'number', [], '0', false],
    ['alter', 'choice', ['true', 'false'], 'false', false],
    ['zones', 'names', [], '*', false],
  ])
})

it('looks behind references, and at what may be left out', () => {
  const [field, optional, several] = listArguments({
    arguments: {
      $defs: { Facade: { enum: ['north', 'south'], description: 'Which walls.' } },
      properties: {
        facade: { $ref: '#/$defs/Facade' },
        sill_height: { anyOf: [{ type: 'number', minimum: 0 }, { type: 'null' }], default: null },
        facades: { type: 'array', items: { $ref: '#/$defs/Facade' } },
      },
    },
  })
  expect(field).toMatchObject({ kind: 'choice', description: 'Which walls.' })
  expect(optional).toMatchObject({ title: 'Sill height', kind: 'number', fallback: '' })
  expect(several).toMatchObject({ kind: 'choices', choices: ['north', 'south'] })
})
