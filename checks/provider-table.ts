import { type ConformanceOptions, conformanceChecks, type Feature, featureGroups, gapsOf } from '@switchyard/testkit'

/** One provider of the table, as its conformance fixture tells it. */
export interface ProviderColumn {
  /** `anthropic`, `openai-compatible (groq)`. */
  readonly title: string
  readonly options: ConformanceOptions
}

/** What a conformance fixture exports, each a column: `conformance` for its package, others by their names. */
export function columnsOf(folder: string, fixture: Readonly<Record<string, unknown>>): readonly ProviderColumn[] {
  return Object.entries(fixture).flatMap(([name, value]) =>
    isConformanceOptions(value)
      ? [{ title: name === 'conformance' ? folder : `${folder} (${name})`, options: value }]
      : [],
  )
}

export function isConformanceOptions(value: unknown): value is ConformanceOptions {
  return typeof value === 'object' && value !== null && 'dialect' in value && 'create' in value
}

/** The page of providers and what they can do. */
export function providerPage(columns: readonly ProviderColumn[]): string {
  const notes = new Footnotes()
  const table = new Table(['', ...columns.map(({ title }) => title)])
  table.row(['Dialect', ...columns.map(({ options }) => `\`${options.dialect}\``)])
  const gaps = columns.map(({ options }) => gapsOf(options))
  for (const [group, features] of Object.entries(featureGroups)) {
    table.row([`**${group}**`, ...columns.map(() => '')])
    for (const [feature, sentence] of Object.entries(features)) {
      const answers = gaps.map(({ features: missing }) => {
        const reason = missing.get(feature as Feature)
        return reason === undefined ? 'yes' : `no${notes.mark(reason)}`
      })
      table.row([sentence, ...answers])
    }
  }
  const suite = new Table(['Checks of the suite', ...columns.map(({ title }) => title)])
  for (const topic of new Set(conformanceChecks.map(check => check.topic))) {
    const checks = conformanceChecks.filter(check => check.topic === topic)
    const answers = gaps.map(({ checks: skipped }) => {
      const reasons = [...new Set(checks.flatMap(check => skipped.get(check) ?? []))]
      const passed = checks.filter(check => !skipped.has(check)).length
      const count = passed === checks.length ? `all ${passed}` : `${passed} of ${checks.length}`
      return `${count}${reasons.map(reason => notes.mark(reason)).join('')}`
    })
    suite.row([topic, ...answers])
  }
  return [opening, table.text(), suiteOpening, suite.text(), notes.text()].join('\n\n').concat('\n')
}

const opening = `# Providers and what they can do

Generated from the conformance fixtures of the provider packages, by \`pnpm run docs:providers\`. "yes" is what the
conformance suite has seen; "no" says why. A setting or a medium that is "no" is refused before anything is sent, or
left out with a warning that names it, and refused when strict.`

const suiteOpening = `## What each provider passes

Every provider passes every check of the suite but those that its fixture, or its dialect, names with a reason.`

class Table {
  readonly #rows: string[][]

  constructor(head: readonly string[]) {
    this.#rows = [[...head]]
  }

  row(cells: readonly string[]): void {
    this.#rows.push([...cells])
  }

  text(): string {
    const [head = []] = this.#rows
    const widths = head.map((_, column) => Math.max(...this.#rows.map(row => (row[column] ?? '').length), 3))
    const line = (cells: readonly string[]) =>
      `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
    const rule = line(widths.map(width => '-'.repeat(width)))
    return [line(head), rule, ...this.#rows.slice(1).map(line)].join('\n')
  }
}

class Footnotes {
  readonly #reasons: string[] = []

  /** The mark of a reason, the same for the same reason. */
  mark(reason: string): string {
    if (!this.#reasons.includes(reason)) this.#reasons.push(reason)
    return `[^${this.#reasons.indexOf(reason) + 1}]`
  }

  text(): string {
    return this.#reasons.map((reason, index) => `[^${index + 1}]: ${reason}`).join('\n')
  }
}
