import type { Holding, Scope, ScopedAttempt } from './scope.ts'

/** Whether the attempt is in the scope. An attempt is in the scope of every chain it came through. */
function inScope(scope: Scope, attempt: ScopedAttempt): boolean {
  switch (scope.type) {
    case 'all':
      return true
    case 'chain':
      return attempt.chains.includes(scope.name)
    case 'key':
      return attempt.context.principal === scope.name
    case 'provider':
      return attempt.provider === scope.name
    case 'model':
      return attempt.target === scope.name
    case 'tag':
      return attempt.context.tags?.includes(scope.name) ?? false
  }
}

/** The names that hold for an attempt, each once, in the order of the holdings. */
export function namesFor(holdings: readonly Holding[], attempt: ScopedAttempt): readonly string[] {
  const names = new Set<string>()
  for (const { scope, name } of holdings) if (inScope(scope, attempt)) names.add(name)
  return [...names]
}
