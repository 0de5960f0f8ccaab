import { attemptChecks } from './checks/attempt-checks.ts'
import { cancellationChecks } from './checks/cancellation-checks.ts'
import { contentChecks } from './checks/content-checks.ts'
import { contractChecks } from './checks/contract-checks.ts'
import { environmentChecks } from './checks/environment-checks.ts'
import { errorChecks } from './checks/error-checks.ts'
import { formatChecks } from './checks/format-checks.ts'
import { handOffChecks } from './checks/hand-off-checks.ts'
import { loadChecks } from './checks/load-checks.ts'
import { mediaChecks } from './checks/media-checks.ts'
import { modelChecks } from './checks/model-checks.ts'
import { reasoningChecks } from './checks/reasoning-checks.ts'
import { secretChecks } from './checks/secret-checks.ts'
import { settingChecks } from './checks/setting-checks.ts'
import { streamingChecks } from './checks/streaming-checks.ts'
import { timeoutChecks } from './checks/timeout-checks.ts'
import { tokenCountChecks } from './checks/token-count-checks.ts'
import { toolChecks } from './checks/tool-checks.ts'
import { truncationChecks } from './checks/truncation-checks.ts'
import { usageChecks } from './checks/usage-checks.ts'
import { verifyChecks } from './checks/verify-checks.ts'
import type { ConformanceCheck } from './conformance.ts'

/** Everything that every provider has to do, by topic. */
export const conformanceChecks: readonly ConformanceCheck[] = [
  ...contractChecks,
  ...verifyChecks,
  ...modelChecks,
  ...streamingChecks,
  ...toolChecks,
  ...contentChecks,
  ...formatChecks,
  ...mediaChecks,
  ...reasoningChecks,
  ...handOffChecks,
  ...settingChecks,
  ...usageChecks,
  ...tokenCountChecks,
  ...errorChecks,
  ...truncationChecks,
  ...cancellationChecks,
  ...attemptChecks,
  ...timeoutChecks,
  ...secretChecks,
  ...environmentChecks,
  ...loadChecks,
]
