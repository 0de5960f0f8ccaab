import type { SimulatedApiName } from '@switchyard/simulator'
import { describe, expect, it } from 'vitest'
import { runCheck } from './bench.ts'
import { conformanceChecks } from './conformance-checks.ts'
import { type Defect, planted } from './planted-provider.fixture.ts'

/** A provider with one thing wrong. */
export interface Case {
  /** What it does, after "finds a provider that". */
  readonly name: string
  /** Default `openai-chat`. */
  readonly dialect?: string
  /** Default: the server of the dialect. */
  readonly api?: SimulatedApiName
  readonly defect: Defect
  /** The checks that must find it. */
  readonly foundBy: readonly string[]
}

/** Dialects other than this one. */
export function strangers(dialect: string): readonly string[] {
  const origins = ['openai-chat', 'openai-responses', 'anthropic-messages', 'ollama-chat', 'gemini', 'elsewhere']
  return origins.filter(origin => origin !== dialect)
}

/** Registers tests that the suite finds each defect, and nothing where there is none. */
export function findsPlanted(cases: readonly Case[]): void {
  describe('the conformance suite', () => {
    it.each(cases)(
      'finds a provider that $name',
      async ({ defect, foundBy, ...server }) => {
        for (const name of foundBy) {
          const error = await failureOf(name, server, defect)
          expect(error, `${name} did not find it`).toBeInstanceOf(Error)
          expect(String(error), 'found for another reason').not.toContain('sockets are open after dispose')
        }
      },
      30_000,
    )

    it('finds nothing wrong in those checks when nothing is', async () => {
      const seen = new Set<string>()
      for (const { foundBy, dialect, api } of cases) {
        for (const name of foundBy) {
          const each = [dialect, api, name].join(' ')
          if (seen.has(each)) continue
          seen.add(each)
          expect(await failureOf(name, { ...(dialect && { dialect }), ...(api && { api }) }, {}), each).toBeUndefined()
        }
      }
    }, 60_000)
  })
}

/** Short where something is wrong, and never comes. */
const patienceMs = (defect: Defect) => (Object.keys(defect).length === 0 ? undefined : 300)

async function failureOf(
  name: string,
  { dialect = 'openai-chat', api }: Pick<Case, 'dialect' | 'api'>,
  defect: Defect,
): Promise<unknown> {
  const check = conformanceChecks.find(each => each.name === name)
  if (check === undefined) throw new TypeError(`There is no check "${name}".`)
  try {
    await runCheck(check, planted(dialect, defect, api === undefined ? {} : { api }), patienceMs(defect))
    return undefined
  } catch (error) {
    return error
  }
}
