/** One line of the picture. */
export interface Line {
  readonly name: string
  /** Of the stylesheet below. */
  readonly style: 'bare' | 'breaker' | 'budget' | 'both'
  /** Attempts at the provider and the share answered, second by second. */
  readonly attempts: readonly number[]
  readonly answered: readonly number[]
}

export interface Picture {
  readonly title: string
  readonly subtitle: string
  /** Seconds from the outage's begin: of the first value, and of the outage's end. */
  readonly from: number
  readonly outageEnd: number
  readonly offered: number
  readonly capacity: number
  readonly lines: readonly Line[]
}

const width = 820
const left = 64
const right = 96
const panel = 190
const gap = 62
const top = 92
const legendHeight = 54
const height = top + 2 * panel + gap + 48 + legendHeight

// drawn on nothing, so it stands on a light page as on a dark one
const stylesheet = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 16px; font-weight: 600 } .small { font-size: 12px; fill: #57606a }
  .axis { fill: none; stroke: #8c959f; stroke-width: 1 } .grid { stroke: #8c959f; stroke-opacity: .3; stroke-width: 1 }
  .mark { stroke: #57606a; stroke-width: 1.2; stroke-dasharray: 2 3 } .outage { fill: #8c959f; fill-opacity: .18 }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round }
  .bare { stroke: #cf222e } .breaker { stroke: #bc4c00; stroke-dasharray: 7 4 }
  .budget { stroke: #1a7f37; stroke-dasharray: 2 3 } .both { stroke: #0969da; stroke-width: 4; stroke-opacity: .75 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9ea7b1 } .mark { stroke: #9ea7b1 }
    .bare { stroke: #ff7b72 } .breaker { stroke: #ffa657 } .budget { stroke: #56d364 } .both { stroke: #79c0ff }
  }`

/** The picture as SVG: what the provider is asked, and what is answered. */
export function drawn(picture: Picture): string {
  const { lines, from, outageEnd } = picture
  const until = from + Math.max(...lines.map(({ attempts }) => attempts.length))
  const x = (second: number): number => left + ((second - from) / (until - from)) * (width - left - right)
  const ticks = steps(Math.ceil(from / 10) * 10, until, 10)
  const most = Math.ceil(Math.max(...lines.flatMap(({ attempts }) => attempts)) / 50) * 50
  const parts: string[] = []

  const panelOf = (begin: number, title: string, marks: readonly number[], most: number, unit: string) => {
    const y = (value: number): number => begin + panel - (value / most) * panel
    parts.push(
      `<rect class="outage" x="${at(x(0))}" y="${begin}" width="${at(x(outageEnd) - x(0))}" height="${panel}"/>`,
    )
    for (const mark of marks) {
      parts.push(`<path class="grid" d="M${left} ${at(y(mark))}H${width - right}"/>`)
      parts.push(`<text class="small" text-anchor="end" x="${left - 8}" y="${at(y(mark) + 4)}">${mark}${unit}</text>`)
    }
    for (const tick of ticks) {
      const name = tick === 0 ? '0' : `${tick} s`
      parts.push(`<text class="small" text-anchor="middle" x="${at(x(tick))}" y="${begin + panel + 18}">${name}</text>`)
      parts.push(`<path class="axis" d="M${at(x(tick))} ${begin + panel}v5"/>`)
    }
    parts.push(`<path class="axis" d="M${left} ${begin}V${begin + panel}H${width - right}"/>`)
    parts.push(`<text x="${left}" y="${begin - 10}">${title}</text>`)
    return y
  }
  const lineOf = (values: readonly number[], style: string, y: (value: number) => number): void => {
    const points = values.map((value, index) => `${at(x(from + index + 0.5))} ${at(y(value))}`)
    parts.push(`<path class="line ${style}" d="M${points.join('L')}"/>`)
  }

  const attempts = panelOf(
    top,
    'Attempts a second at the provider, mean of three seconds',
    steps(0, most, most > 300 ? 100 : 50),
    most,
    '',
  )
  for (const [value, name] of [
    [picture.capacity, 'its capacity'],
    [picture.offered, 'first attempts'],
  ] as const) {
    parts.push(`<path class="mark" d="M${left} ${at(attempts(value))}H${width - right}"/>`)
    parts.push(`<text class="small" x="${width - right + 8}" y="${at(attempts(value) + 4)}">${name}</text>`)
  }
  // the widest lies under the others, that none hides another
  const layered = [...lines].sort((one, other) => Number(other.style === 'both') - Number(one.style === 'both'))
  for (const line of layered) lineOf(line.attempts, line.style, attempts)

  const second = top + panel + gap
  const answered = panelOf(
    second,
    'Requests that are answered, by the second they began in',
    [0, 25, 50, 75, 100],
    100,
    ' %',
  )
  for (const line of layered) {
    lineOf(
      line.answered.map(share => share * 100),
      line.style,
      answered,
    )
  }
  const middle = (x(0) + x(outageEnd)) / 2
  for (const begin of [top, second]) {
    parts.push(`<text class="small" text-anchor="middle" x="${at(middle)}" y="${begin + 14}">outage</text>`)
  }

  for (const [index, { name, style }] of lines.entries()) {
    const column = left + (index % 2) * 380
    const row = height - legendHeight + 14 + Math.floor(index / 2) * 24
    parts.push(
      `<path class="line ${style}" d="M${column} ${row}h34"/><text x="${column + 44}" y="${row + 4}">${name}</text>`,
    )
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">`,
    `<style>${stylesheet}\n</style>`,
    `<title id="title">${picture.title}. ${picture.subtitle}</title>`,
    `<text class="title" x="${left}" y="28">${picture.title}</text>`,
    `<text class="small" x="${left}" y="50">${picture.subtitle}</text>`,
    ...parts,
    '</svg>\n',
  ].join('\n')
}

function steps(from: number, until: number, step: number): readonly number[] {
  const values: number[] = []
  for (let value = from; value <= until; value += step) values.push(value)
  return values
}

function at(value: number): string {
  return value.toFixed(1).replace('.0', '')
}
