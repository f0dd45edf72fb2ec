import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** Style sheets come one per component, so that the first load stays small; this finds the ones that are needed. */
const CORE = resolve('node_modules/@mantine/core')

function listSources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(tsx?|mjs)$/.test(path) && !path.includes('.test.'))
    .map((path) => join(folder, path))
}

function listImportedNames(files: string[]): string[] {
  const imports = /import\s*\{([^}]*)\}\s*from\s*['"]@mantine\/core['"]/g
  return files
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(imports)])
    .flatMap((match) => (match[1] ?? '').split(','))
    .map((name) =>
      name
        .replace(/^\s*type\s.*/, '')
        .replace(/\sas\s.*/, '')
        .trim(),
    )
    .filter((name) => name !== '')
}

/** Every module of Mantine that these names bring in. */
function collectModules(names: string[]): Set<string> {
  const index = readFileSync(join(CORE, 'esm/index.mjs'), 'utf8')
  const homes = new Map(
    [...index.matchAll(/import \{([^}]*)\} from "(\.[^"]+)"/g)].flatMap(([, exported = '', path = '']) =>
      exported
        .split(',')
        .map((name) => [name.replace(/\sas\s.*/, '').trim(), join(CORE, 'esm', path)] as const),
    ),
  )
  const seen = new Set<string>()
  const open = names.flatMap((name) => homes.get(name) ?? [])
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file) || !existsSync(file)) continue
    seen.add(file)
    const here = dirname(file)
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/from "(\.[^"]+\.mjs)"/g))
      open.push(join(here, path))
  }
  return seen
}

describe('the style sheets of Mantine', () => {
  it('are imported for every component in use, in the order of the whole sheet', () => {
    const names = listImportedNames([
      ...listSources('src'),
      ...listSources('node_modules/@mantine/notifications/esm'),
    ])
    const modules = [...collectModules(names)].filter((path) => path.endsWith('.module.mjs'))
    const wholeSheet = readFileSync(join(CORE, 'styles.css'), 'utf8')
    const needed = modules
      .map((path) => ({
        name: path.replace(/.*\/(\w+)\.module\.mjs/, '$1'),
        mark: /m_[0-9a-z]+/.exec(readFileSync(path, 'utf8'))?.[0] ?? '',
      }))
      .filter(({ name }) => existsSync(join(CORE, 'styles', `${name}.css`)))
      .sort((one, other) => wholeSheet.indexOf(one.mark) - wholeSheet.indexOf(other.mark))
      .map(({ name }) => name)
    const imported = [
      ...readFileSync('src/app/mantine.css', 'utf8').matchAll(/styles\/([A-Z]\w+)\.css/g),
    ].map(([, name = '']) => name)
    expect(imported).toEqual([...new Set(needed)])
  })
})
