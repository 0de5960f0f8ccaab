import { readFileSync } from 'node:fs'
import type { Cell } from './cell.ts'
import { type Row, rows } from './faults.ts'
import type { Verdict } from './verdict.ts'

/** What one contender's process told. */
export interface Measured {
  readonly key: string
  readonly name: string
  readonly setup: string
  readonly packages: readonly string[]
  readonly cells: readonly Cell[]
  /** Why cells are missing. */
  readonly failure?: string
}

const begin = '<!-- matrix -->'
const end = '<!-- /matrix -->'

/** The page with what stands between its marks made anew. */
export function matrixPage(page: string, matrix: readonly Measured[], seconds: number): string {
  const [before, rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`The page has no ${begin} and ${end}.`)
  const date = new Date().toISOString().slice(0, 10)
  const parts = [
    `Node ${process.versions.node}, two cores, ${date}, all cells in one run of ${seconds} s.`,
    '### Streams',
    table(
      matrix,
      rows.filter(({ stream, asks }) => stream && asks.type === 'one'),
    ),
    '### Whole answers',
    table(
      matrix,
      rows.filter(({ stream, asks }) => !stream && asks.type === 'one'),
    ),
    '### Callers',
    table(
      matrix,
      rows.filter(({ asks }) => asks.type !== 'one'),
    ),
    '### Contenders',
    contenderList(matrix),
  ]
  return `${before}${begin}\n\n${parts.join('\n\n')}\n\n${end}${after}`
}

function table(matrix: readonly Measured[], shown: readonly Row[]): string {
  const lines = matrix.map(({ name, cells, failure }) => [
    name,
    ...shown.map(row => {
      const cell = cells.find(one => one.row === row.id)
      return cell === undefined ? `not run${failure === undefined ? '' : ': its process ended'}` : told(cell)
    }),
  ])
  const head = ['', ...shown.map(({ title }) => title)]
  // faults are rows: there are more of them than contenders
  const turned = head.map((title, at) => [title, ...lines.map(line => line[at] ?? '')])
  const [names, ...body] = turned.map(line => `| ${line.join(' | ')} |`)
  return [names, `|${' --- |'.repeat(matrix.length + 1)}`, ...body].join('\n')
}

// what nobody would notice stands out
const words: Readonly<Record<Verdict, string>> = {
  exact: 'exact',
  other: 'the other answer',
  error: 'error',
  'silent-cut': '**cut, no error**',
  twice: '**text twice**',
  mixed: '**two texts mixed**',
  'broken-call': '**broken call**',
  hang: '**hangs**',
}

function told(cell: Cell): string {
  const cost = `${cell.primary}+${cell.secondary}, ${secondsOf(cell)}`
  const beside = cell.unhandled > 0 ? `, ${cell.unhandled} unhandled rejections` : ''
  if (cell.verdicts !== undefined) {
    const counts = Object.entries(cell.verdicts).map(([verdict, count]) => `${count} ${words[verdict as Verdict]}`)
    return `${counts.join(', ')}; ${cost}${beside}`
  }
  if (cell.row.startsWith('leave/') && cell.verdict === 'exact') {
    return `${cell.closedAfterMs === undefined ? '**read to its end**' : `closed after ${cell.closedAfterMs} ms`}${beside}`
  }
  const share = cell.verdict === 'error' && cell.share ? ` at ${Math.round(cell.share * 100)} %` : ''
  const wrongFirst = cell.verdict !== 'error' && cell.said !== undefined ? ', then an error' : ''
  return `${words[cell.verdict]}${share}${wrongFirst}; ${cost}${beside}`
}

function secondsOf({ seconds }: Cell): string {
  return seconds < 0.1 ? '< 0.1 s' : `${seconds.toFixed(1)} s`
}

function contenderList(matrix: readonly Measured[]): string {
  return matrix
    .map(({ name, packages, setup }) => `- ${name} (${packages.map(version).join(', ')}): ${setup}.`)
    .join('\n')
}

// they are pinned there
const pinned = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).devDependencies

function version(name: string): string {
  const said: string = pinned[name] ?? ''
  return `\`${name}\` ${said === '' || said.startsWith('link:') ? 'as it stands here' : said}`
}
