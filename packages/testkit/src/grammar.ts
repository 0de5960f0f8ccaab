import type { MessageChunk } from '@switchyard/core/contract'
import { GrammarChecker } from '@switchyard/core/testing'

/** The chunks, when they are a stream by the grammar. @throws {SwitchyardError} where they are not. */
export function checkedGrammar(chunks: readonly MessageChunk[]): readonly MessageChunk[] {
  const checker = new GrammarChecker()
  for (const chunk of chunks) checker.add(chunk)
  checker.end()
  return chunks
}
