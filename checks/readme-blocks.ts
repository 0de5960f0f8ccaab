export interface CodeBlock {
  /** "ts run" after the fence is the language ts with the flag run */
  readonly language: string
  readonly flags: readonly string[]
  readonly code: string
  /** of the first line of code, counted from 1 */
  readonly line: number
}

export function codeBlocks(markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = []
  let open: { words: readonly string[]; line: number; code: string[] } | undefined
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(.*)$/.exec(line)
    if (!fence) {
      open?.code.push(line)
    } else if (open) {
      const [language = '', ...flags] = open.words
      blocks.push({ language, flags, code: `${open.code.join('\n')}\n`, line: open.line })
      open = undefined
    } else {
      open = { words: (fence[1] ?? '').trim().split(/\s+/), line: index + 2, code: [] }
    }
  }
  return blocks
}

/** A package's page opens with its name, at most one paragraph, and code that imports the package. */
export function readmeObjection(markdown: string, packageName: string): string | undefined {
  const first = codeBlocks(markdown)[0]
  if (!first) return 'has no example'
  if (first.language !== 'ts' && first.language !== 'sh') return 'must open with a ts example (an app: sh)'
  if (first.language === 'ts' && !first.code.includes(`'${packageName}`)) {
    return `opens with an example that does not import '${packageName}'`
  }
  const before = markdown
    .split('\n')
    .slice(0, first.line - 2)
    .join('\n')
  const paragraphs = before.split(/\n\s*\n/).filter(part => part.trim() !== '')
  if (!paragraphs[0]?.startsWith('# ')) return 'must start with a title'
  return paragraphs.length > 2 ? 'must come to its example after one paragraph' : undefined
}
