import type { BillEntry } from '@switchyard/simulator'

/** USD per million tokens, the same at both providers. */
export const usdPerMillion = { input: 1, cachedInput: 0.25, output: 80 } as const

// pico-USD per token: exact, as each is a multiple of a millionth
const perToken = {
  input: BigInt(usdPerMillion.input * 1_000_000),
  cachedInput: BigInt(usdPerMillion.cachedInput * 1_000_000),
  output: BigInt(usdPerMillion.output * 1_000_000),
}

/** What the provider charges for one request, in pico-USD; written without the catalogue that is under test. */
export function billed({ inputTokens, cachedTokens, outputTokens }: BillEntry): bigint {
  const uncached = BigInt(inputTokens - cachedTokens)
  return (
    uncached * perToken.input + BigInt(cachedTokens) * perToken.cachedInput + BigInt(outputTokens) * perToken.output
  )
}

/** More than this no request may be held at: a token for every byte of its body, the dialect's overhead, the whole cap. */
export function ceiling(bodyBytes: number, maxTokens: number): bigint {
  const overheadTokens = 300
  return BigInt(bodyBytes + overheadTokens) * perToken.input + BigInt(maxTokens) * perToken.output
}
