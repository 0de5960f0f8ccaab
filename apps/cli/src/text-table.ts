import stringWidth from 'string-width'

export interface TextColumn {
  readonly title: string
  readonly align: 'left' | 'right'
}

const gap = '  '
const narrowest = 12

/** Rows in columns that line up, no wider than `columns` as long as the first column can be cut for it. */
export function textTable(
  head: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  columns: number,
): readonly string[] {
  const cells = rows.map(row => row.map(printable))
  const widths = head.map(({ title }, at) =>
    Math.max(...[title, ...cells.map(row => row[at] ?? '')].map(text => stringWidth(text))),
  )
  const total = widths.reduce((sum, width) => sum + width, 0) + gap.length * (head.length - 1)
  const [first = 0] = widths
  widths[0] = Math.max(Math.min(first, narrowest), first - Math.max(0, total - columns))
  const line = (row: readonly string[]): string =>
    head
      .map(({ align }, at) => {
        const width = widths[at] ?? 0
        const cell = cut(row[at] ?? '', width)
        const space = ' '.repeat(width - stringWidth(cell))
        return align === 'left' ? cell + space : space + cell
      })
      .join(gap)
      .trimEnd()
  return [head.map(({ title }) => title), ...cells].map(line)
}

const graphemes = new Intl.Segmenter()

/** No longer than `width`, an ellipsis for what is left out. */
function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let kept = ''
  for (const { segment } of graphemes.segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break
    kept += segment
  }
  return `${kept}…`
}

/** Without what moves a terminal's cursor or turns its writing around: tags are what clients send. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
}
