export type { Moment } from './calendar-date.ts'
export { type Catalog, type CatalogOptions, createCatalog, type ModelReference } from './catalog.ts'
export type { Cost, CostOptions, CostPart } from './cost.ts'
export { catalogDate } from './data/index.ts'
export type { CostEstimate, EstimateOptions, TokenEstimate } from './estimate.ts'
export type {
  CatalogCapabilities,
  CatalogCapability,
  CatalogModel,
  Confidence,
  ModelData,
  ModelStatus,
  RateLimitTier,
  Retirement,
} from './model.ts'
export type { ModelFilter } from './model-filter.ts'
export type { ModelOverride } from './model-override.ts'
export { statusAt } from './model-status.ts'
export {
  type BatchTerms,
  type LongContextTier,
  type PricedPart,
  type PricePeriod,
  pricePerToken,
  type TokenPrices,
} from './prices.ts'
export type { GoneModel, LearnedModels } from './provider-models.ts'
export { announceRetirements, type RetirementOptions, type TargetRetirement } from './retirements.ts'
export type { SyncFailure } from './sync/announce-sync.ts'
export type { ModelSource } from './sync/ask-provider.ts'
export {
  type CatalogSync,
  type CatalogSyncOptions,
  catalogSync,
  type SyncOptions,
  type SyncReport,
} from './sync/catalog-sync.ts'
export type { ModelChanges } from './sync/model-changes.ts'
