import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { bundleSimulation, repository } from './defects/bundle.ts'
import { defectPage } from './defects/defect-page.ts'
import { findDefect } from './defects/find-defect.ts'
import { mostSeeds, plantedDefects } from './defects/planted-defects.ts'

describe('the simulation finds', () => {
  it.each(plantedDefects.map(defect => [defect.name, defect] as const))(
    '%s',
    async (_, defect) => {
      const { seeds, invariant } = await findDefect(defect)
      expect(seeds, `no invariant broke within ${mostSeeds[defect.simulation]} seeds`).toBeDefined()
      expect(invariant).not.toBe('')
    },
    120_000,
  )
})

describe('a planted defect', () => {
  it('must stand once in its file', async () => {
    const file = 'packages/core/src/accounting/reservation.ts'
    for (const find of ['\n', 'no such text']) {
      await expect(bundleSimulation('money', { file, find, put: '' })).rejects.toThrow(
        /stands \d+ times in .*, and not once/,
      )
    }
  })

  it('must be in a file that the simulation reads', async () => {
    const nowhere = { file: 'packages/ledger/src/index.ts', find: 'export', put: '' }
    await expect(bundleSimulation('money', nowhere)).rejects.toThrow('is no part of the simulation')
  })
})

it('docs/proof.md names all of them; `pnpm run docs:proof` writes it anew', () => {
  const columns = (page: string): string[] =>
    page
      .split('\n')
      .filter(line => !line.startsWith('| ---'))
      .flatMap(line => (line.startsWith('| ') ? line.split('|', 3).map(cell => cell.trim()) : line))
  const written = readFileSync(`${repository}docs/proof.md`, 'utf8')
  const expected = defectPage(plantedDefects.map(defect => ({ defect, seeds: 1, invariant: '' })))
  expect(columns(written)).toEqual(columns(expected))
  expect(written).not.toContain('not found')
})
