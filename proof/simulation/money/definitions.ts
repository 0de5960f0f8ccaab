export interface BudgetDefinition {
  readonly name: string
  readonly limit: bigint
  readonly window: 'hour' | 'day' | 'total'
  readonly kind: string
  readonly alertAt: readonly number[]
  readonly onLow: string
  readonly maxWaitMs: number
}
