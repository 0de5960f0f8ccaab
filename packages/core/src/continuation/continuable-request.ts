import type { MessageRequest } from '../contract/request.ts'

/** Why no attempt can go on with an answer to such a request, in words; `undefined` where one can. */
export function requestObstacle({ boundTo, extra }: MessageRequest): string | undefined {
  for (const field of boundTo?.fields ?? []) {
    const obstacle = fieldObstacle(field.slice(field.lastIndexOf('.') + 1))
    if (obstacle !== undefined) return obstacle
  }
  for (const fields of Object.values(extra ?? {})) {
    for (const [name, value] of Object.entries(fields)) {
      if (value === false || value === null || value === 0 || value === 1) continue
      const obstacle = fieldObstacle(name)
      if (obstacle !== undefined) return obstacle
    }
  }
  return undefined
}

// as the dialects spell them
function fieldObstacle(name: string): string | undefined {
  if (name === 'n' || name === 'candidateCount') return 'several choices were asked for'
  return /logprobs/i.test(name) ? 'log probabilities were asked for' : undefined
}
