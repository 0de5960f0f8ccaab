import { codeBlocks } from './readme-blocks.ts'

/** What somebody who follows a page does, one after the other. */
export type Step = { readonly line: number } & (
  | { readonly type: 'command'; readonly command: string; readonly fails: boolean }
  /** Lines that the command before it prints. */
  | { readonly type: 'output'; readonly lines: readonly string[] }
  | { readonly type: 'file'; readonly path: string; readonly text: string }
  | { readonly type: 'change'; readonly path: string; readonly removed: string; readonly added: string }
)

/**
 * The steps of a page: `sh` blocks (`sh fails`), `text` for what they print, `ts file=path` for a file that is written,
 * and `diff file=path` for one that is changed. Other `ts`, and `yaml switchyard`, are read by nobody who follows it.
 *
 * @throws {Error} for a block that nothing would check.
 */
export function documentSteps(markdown: string): readonly Step[] {
  return codeBlocks(markdown).flatMap(({ language, flags, code, line }): readonly Step[] => {
    const path = flags.find(flag => flag.startsWith('file='))?.slice('file='.length)
    const lines = code.split('\n').filter(text => text.trim() !== '')
    if (language === 'sh') {
      return lines.map((command, index) => ({
        type: 'command',
        command,
        fails: flags.includes('fails'),
        line: line + index,
      }))
    }
    if (language === 'text') return [{ type: 'output', lines, line }]
    if (language === 'ts' && path !== undefined) return [{ type: 'file', path, text: code, line }]
    if (language === 'diff' && path !== undefined) return [{ type: 'change', path, ...change(lines, line), line }]
    if (language === 'ts' || (language === 'yaml' && flags.includes('switchyard'))) return []
    throw new Error(`line ${line}: nothing checks a block of "${[language, ...flags].join(' ')}"`)
  })
}

function change(lines: readonly string[], line: number): { readonly removed: string; readonly added: string } {
  const side = (sign: string) =>
    lines
      .filter(text => text.startsWith(sign))
      .map(text => `${text.slice(1)}\n`)
      .join('')
  if (lines.some(text => !/^[-+]/.test(text)) || side('-') === '') {
    throw new Error(`line ${line}: a diff has lines with "-" and "+", and nothing else`)
  }
  return { removed: side('-'), added: side('+') }
}
