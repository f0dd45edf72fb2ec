// Fails the build when what any page needs at first load weighs more than the budget (gzip, script and style).
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const BUDGET_KB = 250
const dist = join(import.meta.dirname, '../../backend/pages/dist')
const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'))

function collectFiles(key, files = new Set()) {
  const chunk = manifest[key]
  if (files.has(chunk.file)) return files
  files.add(chunk.file)
  for (const style of chunk.css ?? []) files.add(style)
  for (const imported of chunk.imports ?? []) collectFiles(imported, files)
  return files
}

const weighKb = (files) =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(dist, file))).length, 0) / 1000

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry)
const pages = manifest[entry].dynamicImports ?? []
let heaviest = { page: '(shell)', weight: weighKb(collectFiles(entry)) }
for (const page of pages) {
  const weight = weighKb(collectFiles(page, collectFiles(entry)))
  if (weight > heaviest.weight) heaviest = { page, weight }
}
console.log(
  `first load: at most ${heaviest.weight.toFixed(0)} kB gzip (${heaviest.page}), budget ${BUDGET_KB} kB`,
)
if (heaviest.weight > BUDGET_KB) process.exit(1)
