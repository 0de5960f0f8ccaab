import type { ModelProvenance, Source } from './index.ts'

/** Where things were read, by the names that `provenance` uses. */
export const sources: Readonly<Record<string, Source>> = {
  'pi-ai': { name: 'npm @earendil-works/pi-ai 1.5.2 providers/data/*.json', date: '2026-11-10' },
  'genai-prices': { name: 'npm @pydantic/genai-prices 0.1.8', date: '2026-09-23' },
  litellm: {
    name: 'Wei-Shaw/model-price-repo f9ff147 (filtered mirror of BerriAI/litellm model_prices_and_context_window.json)',
    date: '2026-07-24',
  },
  'models.dev': { name: 'anomalyco/models.dev f3fc692', date: '2026-07-02' },
  'openai-sdk': { name: 'npm openai 7.55.0 src/resources/shared.ts ChatModel deprecation notes', date: '2026-11-10' },
  'anthropic-sdk': {
    name: 'npm @anthropic-ai/sdk 1.11.0 (DEPRECATED_MODELS; older retirements from 0.90.0 and 0.110.0)',
    date: '2026-11-19',
  },
  'openai-deprecations': {
    name: 'developers.openai.com deprecations via dev.to/max_bob (checked against GET /v1/models shutdown_date)',
    date: '2026-10-28',
  },
  'claude-docs': { name: 'platform.claude.com model/pricing pages (stored copies)', date: '2026-10 (undated copies)' },
  neverpaytwice: { name: 'dev.to/neverpaytwice table of Anthropic batch prices', date: '2026-11 (lists Fable 5.2)' },
  laozhang: { name: 'docs.laozhang.ai announcement citing provider list price', date: '2026-11-10' },
  promptfuel: { name: 'github TheKrush/PromptFuel release v1.0.23 (audited vs official pages)', date: '2026-10-16' },
  apiyi: { name: 'docs.apiyi.com launch notes citing provider price', date: '2026-09-29' },
  tokenmeter: { name: 'github iyulab/TokenMeter release v0.13.1', date: '2026-10-13' },
  'litellm-disc': {
    name: 'BerriAI/litellm discussions/blog (46238, 42523, gpt_6_sol_luna)',
    date: '2026-09-22..2026-10',
  },
  'gemini-deprecations': { name: 'ai.google.dev deprecations via dev.to/aideprecations', date: '2026-11-10' },
  'gemini-docs': {
    name: 'ai.google.dev deprecations page (stored copy listing gemini-3.8-flash)',
    date: '2026-09 (undated copy)',
  },
  'xai-docs': { name: 'docs.x.ai/developers/migration/may-15-retirement', date: '2026-05' },
  'xai-issue': { name: 'Zoo-Code#866 quoting docs.x.ai (cached $0.50)', date: '2026-07' },
  'groq-docs': { name: 'console.groq.com/docs/models (stored copy)', date: 'undated copy, mid-2026' },
  'groq-issues': { name: 'papi-ai/groq v0.15.2 and commit-craft#1 (decommission notice)', date: '2026-07-31' },
  'ollama-repo': { name: 'ollama/ollama fb30760 docs; ollama.com library pages', date: '2026-08-21' },
  'litellm-blog': { name: 'docs.litellm.ai/blog/gpt-6-1-terra', date: '2026-10-26' },
  apidog: { name: 'apidog.com gpt-6-1-terra-pricing (quotes OpenAI model and pricing pages)', date: '2026-10-27' },
  'promptfuel-24': { name: 'github TheKrush/PromptFuel release v1.0.24', date: '2026-10-27' },
  'models.dev-pr': {
    name: 'anomalyco/models.dev PRs 3761 (Groq /v1/models pricing), 5740, 5742, 2907',
    date: '2026-06-29..2026-08-29',
  },
  braintrust: { name: 'braintrust-proxy#1073 quoting Groq docs', date: '2026-08' },
  livebench: { name: 'LiveBench PR 506 (verified vs docs.x.ai 2026-08-13)', date: '2026-08-13' },
  portkey: { name: 'Portkey-AI/models PR 883', date: '2026-08-12' },
  raif: { name: 'CultivateLabs/raif PR 540 (Batch API: Not supported for 4.5/4.6)', date: '2026-08-26' },
  venice: { name: 'docs.venice.ai grok-4.7 page', date: '2026-09' },
  'claude-migration': {
    name: 'platform.claude.com, migration notes of Claude 4.6 and the model overviews (stored copies)',
    date: '2026-10 (undated copies)',
  },
  'openrouter-docs': { name: 'openrouter.ai/docs, migration to Claude 5.5', date: '2026 (undated copy)' },
  'thinking-forms': {
    name: "docs.memberjunction.org v6.1 UsesAdaptiveThinking, which quotes the API's answer",
    date: '2026 (undated copy)',
  },
  'sim-5559': {
    name: 'simstudioai/sim#5559: Claude Fable 5 rejects thinking that is disabled',
    date: '2026',
  },
  'gemini-ex': { name: 'hexdocs.pm gemini_ex 0.13.0: a budget of 0 only for Flash and Flash-Lite', date: '2026' },
  'genai-sdk': { name: 'npm @google/genai 3.1.0, notes on thinkingBudget and thinkingLevel', date: '2026-11-10' },
  'openai-openapi': { name: 'openai-openapi, notes on ReasoningEffort and stop', date: '2026-08-21' },
  meerkat: { name: 'crate meerkat-core 0.6.25, efforts checked against the API', date: '2026 (undated copy)' },
  'opencode-36141': { name: "anomalyco/opencode#36141, quoting OpenAI's reference for GPT-5.6", date: '2026' },
  'groq-limits': {
    name: 'console.groq.com/docs/rate-limits (stored copy; the free plan), agreed by tokenmix.ai',
    date: '2026-06-04',
  },
  developersdigest: {
    name: 'developersdigest.tech/rate-limits/anthropic, copied from platform.claude.com',
    date: '2026-10-17',
  },
  'openai-snapshots': { name: 'OpenAI pricing page: gpt-4o-2024-05-13 has a price of its own', date: '2024' },
  offpeak: { name: 'github offpeak-ai/offpeak release v0.2.1', date: '2026-08-22' },
}

/** By `provider/model`. */
export const provenance: Readonly<Record<string, ModelProvenance>> = {
  'openai/gpt-6-astra': {
    sources: ['pi-ai', 'genai-prices', 'litellm-disc', 'promptfuel'],
    fields: { reasoningEfforts: ['pi-ai'] },
    disagreements: [{ field: 'context_window', values: { 'pi-ai': 272_000, 'genai-prices': 1_050_000 } }],
    note: 'reasoning effort low..max (no none). Chat Completions rejects function tools unless effort none, so tools need /v1/responses.',
  },
  'openai/gpt-6.1-sol': {
    sources: ['pi-ai', 'apiyi'],
    fields: { reasoningEfforts: ['pi-ai'] },
    note: 'no none/minimal effort; function tools only via /v1/responses.',
  },
  'openai/gpt-6.1-terra': {
    sources: ['pi-ai', 'litellm-blog', 'apidog', 'promptfuel-24'],
    fields: { reasoningEfforts: ['pi-ai'] },
    note: 'effort none..max (default medium).',
  },
  'openai/gpt-6-sol': {
    sources: ['pi-ai', 'genai-prices', 'litellm-disc'],
    fields: { reasoningEfforts: ['pi-ai'] },
    disagreements: [{ field: 'context_window', values: { 'pi-ai': 272_000, 'genai-prices': 1_050_000 } }],
    note: 'effort none..max; in Chat Completions function tools work only with reasoning_effort none.',
  },
  'openai/gpt-6-luna': {
    sources: ['pi-ai', 'genai-prices', 'litellm-disc'],
    fields: { reasoningEfforts: ['pi-ai'] },
    disagreements: [{ field: 'context_window', values: { 'pi-ai': 272_000, 'genai-prices': 1_050_000 } }],
    note: 'effort none..max.',
  },
  'openai/gpt-5.6-sol': {
    sources: ['pi-ai', 'genai-prices', 'litellm'],
    fields: { reasoningEfforts: ['opencode-36141'], 'prices[0]': ['litellm'] },
    disagreements: [
      { field: 'input', values: { 'pi-ai': 4, 'genai-prices': 4, litellm: 5 } },
      { field: 'output', values: { 'pi-ai': 20, 'genai-prices': 20, litellm: 30 } },
      { field: 'cached_input', values: { 'pi-ai': 0.4, 'genai-prices': 0.4, litellm: 0.5 } },
      { field: 'cache_write', values: { 'pi-ai': 5, 'genai-prices': 5, litellm: 6.25 } },
      { field: 'context_window', values: { 'pi-ai': 272_000, 'genai-prices': 1_050_000, litellm: 400_000 } },
    ],
    note: 'tools+reasoning rejected on Chat Completions unless effort none; price cut 2026-08-21. offpeak (2026-08-22) calls the present price a promotion "at least through 2026-11-21", 5 and 30 USD after it; no other source does, so it is not scheduled.',
  },
  'openai/gpt-5.6-terra': {
    sources: ['pi-ai', 'genai-prices', 'litellm'],
    fields: { reasoningEfforts: ['opencode-36141'], 'prices[0]': ['litellm'] },
    disagreements: [
      { field: 'input', values: { 'pi-ai': 2, 'genai-prices': 2, litellm: 2.5 } },
      { field: 'output', values: { 'pi-ai': 12, 'genai-prices': 12, litellm: 15 } },
      { field: 'cached_input', values: { 'pi-ai': 0.2, 'genai-prices': 0.2, litellm: 0.25 } },
      { field: 'cache_write', values: { 'pi-ai': 2.5, 'genai-prices': 2.5, litellm: 3.125 } },
      { field: 'context_window', values: { 'pi-ai': 272_000, 'genai-prices': 1_050_000, litellm: 400_000 } },
    ],
    note: 'price cut 2026-07-30.',
  },
  'openai/gpt-5.6-luna': {
    sources: ['pi-ai', 'genai-prices', 'litellm'],
    fields: { reasoningEfforts: ['opencode-36141'], 'prices[0]': ['litellm'] },
    disagreements: [
      { field: 'input', values: { 'pi-ai': 0.2, 'genai-prices': 0.2, litellm: 1 } },
      { field: 'output', values: { 'pi-ai': 1.2, 'genai-prices': 1.2, litellm: 6 } },
      { field: 'cached_input', values: { 'pi-ai': 0.02, 'genai-prices': 0.02, litellm: 0.1 } },
      { field: 'cache_write', values: { 'pi-ai': 0.25, 'genai-prices': 0.25, litellm: 1.25 } },
      { field: 'context_window', values: { 'pi-ai': 272_000, 'genai-prices': 1_050_000, litellm: 400_000 } },
    ],
    note: 'price cut 2026-07-30 (5x).',
  },
  'openai/gpt-5.5': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev'],
    fields: { reasoningEfforts: ['meerkat'] },
    disagreements: [
      {
        field: 'context_window',
        values: { 'pi-ai': 272_000, 'genai-prices': 1_000_000, litellm: 1_050_000, 'models.dev': 1_050_000 },
      },
    ],
  },
  'openai/gpt-5.4': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev'],
    fields: { reasoningEfforts: ['meerkat'] },
    disagreements: [
      {
        field: 'context_window',
        values: { 'pi-ai': 272_000, 'genai-prices': 1_050_000, litellm: 1_050_000, 'models.dev': 1_050_000 },
      },
    ],
  },
  'openai/gpt-5.4-mini': { sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev'] },
  'openai/gpt-5.4-nano': { sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'] },
  'openai/gpt-5.3-codex': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev'],
    fields: { reasoningEfforts: ['meerkat'] },
    disagreements: [
      {
        field: 'context_window',
        values: { 'pi-ai': 400_000, 'genai-prices': 400_000, litellm: 272_000, 'models.dev': 400_000 },
      },
    ],
  },
  'openai/gpt-5.2': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev'],
    fields: { reasoningEfforts: ['openai-openapi'] },
    disagreements: [
      {
        field: 'context_window',
        values: { 'pi-ai': 400_000, 'genai-prices': 400_000, litellm: 272_000, 'models.dev': 400_000 },
      },
    ],
  },
  'openai/gpt-5.1': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'],
    fields: { reasoningEfforts: ['openai-openapi'] },
    disagreements: [
      {
        field: 'context_window',
        values: { 'pi-ai': 400_000, 'genai-prices': 400_000, litellm: 272_000, 'models.dev': 400_000 },
      },
    ],
  },
  'openai/gpt-5': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'],
    fields: { reasoningEfforts: ['openai-openapi'] },
    disagreements: [
      {
        field: 'context_window',
        values: { 'pi-ai': 400_000, 'genai-prices': 400_000, litellm: 272_000, 'models.dev': 400_000 },
      },
    ],
  },
  'openai/gpt-5-mini': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'],
    fields: { reasoningEfforts: ['openai-openapi'] },
    disagreements: [
      {
        field: 'context_window',
        values: { 'pi-ai': 400_000, 'genai-prices': 400_000, litellm: 272_000, 'models.dev': 400_000 },
      },
    ],
  },
  'openai/gpt-5-nano': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'],
    fields: { reasoningEfforts: ['openai-openapi'] },
    disagreements: [
      {
        field: 'context_window',
        values: { 'pi-ai': 400_000, 'genai-prices': 400_000, litellm: 272_000, 'models.dev': 400_000 },
      },
    ],
  },
  'openai/gpt-4.1': { sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'] },
  'openai/gpt-4.1-mini': { sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'] },
  'openai/gpt-4.1-nano': { sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'] },
  'openai/gpt-4o': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'],
    fields: { distinctSnapshots: ['openai-snapshots'] },
  },
  'openai/gpt-4o-mini': { sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'] },
  'openai/gpt-4-turbo': { sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'] },
  'openai/gpt-4': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'],
    disagreements: [{ field: 'max_output_tokens', values: { 'pi-ai': 8_192, litellm: 4_096, 'models.dev': 8_192 } }],
  },
  'openai/gpt-3.5-turbo': {
    sources: ['genai-prices', 'litellm', 'models.dev', 'openai-sdk'],
    disagreements: [{ field: 'tools', values: { litellm: true, 'models.dev': false } }],
  },
  'openai/o4-mini': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'],
    fields: { reasoningEfforts: ['openai-openapi'], stop: ['openai-openapi'] },
  },
  'openai/o3': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'],
    fields: { reasoningEfforts: ['openai-openapi'], stop: ['openai-openapi'] },
  },
  'openai/o3-mini': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'],
    fields: { reasoningEfforts: ['openai-openapi'] },
  },
  'openai/o1': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'openai-sdk'],
    fields: { reasoningEfforts: ['openai-openapi'] },
  },
  'openai/o1-preview': {
    sources: ['genai-prices', 'openai-sdk'],
    note: 'retired; no system/developer role, no tools.',
  },
  'openai/text-embedding-3-small': { sources: ['genai-prices', 'models.dev'] },
  'openai/text-embedding-3-large': { sources: ['genai-prices', 'models.dev'] },
  'openai/text-embedding-ada-002': { sources: ['genai-prices', 'models.dev'] },
  'anthropic/claude-fable-5-2': {
    sources: ['pi-ai', 'laozhang', 'neverpaytwice'],
    fields: {
      apiVersion: ['anthropic-sdk'],
      prefill: ['claude-migration'],
      thinking: ['claude-docs'],
      batch: ['neverpaytwice'],
    },
    derived: ['cache_write_1h = 2 x input'],
    note: 'adaptive thinking always on; forced tool_choice probably unsupported (documented for Fable 5.1 and Opus 5.5). cache_write_1h = 2x input, not listed by a source.',
  },
  'anthropic/claude-fable-5-1': {
    sources: ['pi-ai', 'genai-prices', 'claude-docs'],
    fields: {
      apiVersion: ['anthropic-sdk'],
      prefill: ['claude-migration'],
      thinking: ['claude-docs'],
      rateLimits: ['developersdigest'],
      batch: ['neverpaytwice'],
    },
    note: 'adaptive thinking always on; forced tool_choice returns 400.',
  },
  'anthropic/claude-fable-5': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'claude-docs'],
    fields: {
      apiVersion: ['anthropic-sdk'],
      prefill: ['claude-migration'],
      thinking: ['sim-5559'],
      rateLimits: ['developersdigest'],
      batch: ['neverpaytwice'],
    },
  },
  'anthropic/claude-opus-5-5': {
    sources: ['pi-ai', 'genai-prices', 'claude-docs', 'neverpaytwice'],
    fields: {
      apiVersion: ['anthropic-sdk'],
      prefill: ['claude-migration', 'openrouter-docs'],
      thinking: ['claude-docs'],
      batch: ['neverpaytwice'],
    },
    note: 'thinking cannot be disabled; forced tool_choice (any/tool) returns 400; default effort medium.',
  },
  'anthropic/claude-opus-5': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'claude-docs'],
    fields: {
      apiVersion: ['anthropic-sdk'],
      prefill: ['claude-migration'],
      thinking: ['thinking-forms'],
      batch: ['neverpaytwice'],
    },
  },
  'anthropic/claude-opus-4-8': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev'],
    fields: {
      apiVersion: ['anthropic-sdk'],
      prefill: ['claude-migration'],
      thinking: ['thinking-forms'],
      batch: ['neverpaytwice'],
    },
  },
  'anthropic/claude-opus-4-7': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev'],
    fields: {
      apiVersion: ['anthropic-sdk'],
      prefill: ['claude-migration'],
      thinking: ['thinking-forms'],
      batch: ['neverpaytwice'],
    },
  },
  'anthropic/claude-opus-4-6': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev'],
    fields: {
      apiVersion: ['anthropic-sdk'],
      prefill: ['claude-migration', 'openrouter-docs'],
      thinking: ['thinking-forms'],
      batch: ['neverpaytwice'],
    },
    note: 'temperature accepted only when the request carries anthropic-version 2023-06-01 (SDK 1.x sends 2026-10-21)',
  },
  'anthropic/claude-opus-4-5': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev'],
    fields: { apiVersion: ['anthropic-sdk'], thinking: ['thinking-forms'], batch: ['neverpaytwice'] },
    note: 'temperature accepted only when the request carries anthropic-version 2023-06-01 (SDK 1.x sends 2026-10-21)',
  },
  'anthropic/claude-sonnet-5-5': {
    sources: ['pi-ai', 'promptfuel', 'neverpaytwice'],
    fields: {
      apiVersion: ['anthropic-sdk'],
      prefill: ['claude-migration', 'openrouter-docs'],
      thinking: ['thinking-forms'],
      batch: ['neverpaytwice'],
    },
    derived: ['cache_write_1h = 2 x input'],
    note: 'cache read cut from 0.20 to 0.10 on 2026-10-07.',
  },
  'anthropic/claude-sonnet-5': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev'],
    fields: {
      apiVersion: ['anthropic-sdk'],
      prefill: ['claude-migration'],
      thinking: ['thinking-forms'],
      batch: ['neverpaytwice'],
    },
  },
  'anthropic/claude-sonnet-4-6': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'neverpaytwice'],
    fields: {
      apiVersion: ['anthropic-sdk'],
      prefill: ['claude-migration', 'openrouter-docs'],
      thinking: ['thinking-forms'],
      batch: ['neverpaytwice'],
    },
    disagreements: [
      { field: 'max_output_tokens', values: { 'pi-ai': 128_000, litellm: 64_000, 'models.dev': 64_000 } },
    ],
    note: 'temperature accepted only when the request carries anthropic-version 2023-06-01 (SDK 1.x sends 2026-10-21)',
  },
  'anthropic/claude-sonnet-4-5': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'anthropic-sdk'],
    fields: { apiVersion: ['anthropic-sdk'], thinking: ['thinking-forms'], batch: ['neverpaytwice'] },
    disagreements: [{ field: 'tiers', values: { 'pi-ai': [], 'genai-prices': [200_000] } }],
    note: 'temperature accepted only when the request carries anthropic-version 2023-06-01 (SDK 1.x sends 2026-10-21)',
  },
  'anthropic/claude-haiku-5-5': {
    sources: ['pi-ai', 'promptfuel', 'neverpaytwice'],
    fields: {
      apiVersion: ['anthropic-sdk'],
      prefill: ['claude-migration', 'openrouter-docs'],
      thinking: ['thinking-forms'],
      batch: ['neverpaytwice'],
    },
    note: 'two price bands: the prompt counts cache reads and writes toward the 100k threshold.',
  },
  'anthropic/claude-haiku-4-5': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'claude-docs'],
    fields: { apiVersion: ['anthropic-sdk'], thinking: ['thinking-forms'], batch: ['neverpaytwice'] },
    note: 'temperature accepted only when the request carries anthropic-version 2023-06-01 (SDK 1.x sends 2026-10-21)',
  },
  'anthropic/claude-opus-4-1': {
    sources: ['genai-prices', 'litellm', 'models.dev', 'anthropic-sdk'],
    fields: { apiVersion: ['anthropic-sdk'], thinking: ['thinking-forms'] },
  },
  'anthropic/claude-sonnet-4-0': {
    sources: ['genai-prices', 'models.dev', 'anthropic-sdk'],
    fields: { apiVersion: ['anthropic-sdk'], thinking: ['thinking-forms'] },
  },
  'anthropic/claude-3-7-sonnet': {
    sources: ['genai-prices', 'litellm', 'models.dev', 'anthropic-sdk'],
    fields: { apiVersion: ['anthropic-sdk'], thinking: ['thinking-forms'] },
  },
  'anthropic/claude-3-5-haiku': {
    sources: ['genai-prices', 'anthropic-sdk'],
    fields: { apiVersion: ['anthropic-sdk'] },
  },
  'gemini/gemini-4-argon': {
    sources: ['pi-ai', 'tokenmeter', 'litellm-disc'],
    fields: { thinking: ['genai-sdk'] },
    disagreements: [
      {
        field: 'max_output_tokens',
        values: { 'pi-ai': 32_768, TokenMeter: 65_536, laozhang: '1M per response through continuation' },
      },
    ],
    note: 'launch price ends 2026-11-30. thinkingBudget unsupported (thinkingLevel only). finishReason CONTINUATION: up to 1M output via continuation tokens.',
  },
  'gemini/gemini-3.8-flash': { sources: ['pi-ai', 'genai-prices', 'gemini-docs'], fields: { thinking: ['genai-sdk'] } },
  'gemini/gemini-3.7-flash': { sources: ['pi-ai', 'genai-prices', 'gemini-docs'], fields: { thinking: ['genai-sdk'] } },
  'gemini/gemini-3.6-flash': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'gemini-docs'],
    fields: { thinking: ['genai-sdk'], 'prices[0]': ['litellm'], 'prices[2]': ['genai-prices', 'pi-ai'] },
    disagreements: [
      { field: 'input', values: { 'pi-ai': 0.75, 'genai-prices': 0.75, litellm: 1.5 } },
      { field: 'output', values: { 'pi-ai': 3.75, 'genai-prices': 3.75, litellm: 7.5 } },
      { field: 'cached_input', values: { 'pi-ai': 0.075, 'genai-prices': 0.075, litellm: 0.15 } },
    ],
    note: 'the price fell on an unknown day between 2026-07-25 and 2026-09-22, so the prices of those days are unknown.',
  },
  'gemini/gemini-3.5-flash': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'gemini-docs'],
    fields: { thinking: ['genai-sdk'] },
    disagreements: [{ field: 'max_output_tokens', values: { 'pi-ai': 65_536, litellm: 65_535, 'models.dev': 65_536 } }],
  },
  'gemini/gemini-3.5-flash-lite': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'gemini-docs'],
    fields: { thinking: ['genai-sdk'] },
  },
  'gemini/gemini-3.1-pro-preview': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev'],
    fields: { thinking: ['genai-sdk'] },
  },
  'gemini/gemini-3.1-flash-lite': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev'],
    fields: { thinking: ['genai-sdk'] },
    note: 'earliest possible shutdown date.',
  },
  'gemini/gemini-2.5-pro': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'gemini-deprecations'],
    fields: { thinking: ['genai-sdk'], reasoningEfforts: ['gemini-ex'] },
    disagreements: [{ field: 'max_output_tokens', values: { 'pi-ai': 65_536, litellm: 65_535, 'models.dev': 65_536 } }],
    note: 'after the date Google ROUTES requests to gemini-3.8-flash and bills its price.',
  },
  'gemini/gemini-2.5-flash': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'gemini-deprecations'],
    fields: { thinking: ['genai-sdk'] },
    disagreements: [{ field: 'max_output_tokens', values: { 'pi-ai': 65_536, litellm: 65_535, 'models.dev': 65_536 } }],
    note: 'after the date Google ROUTES requests to gemini-3.5-flash-lite and bills its price.',
  },
  'gemini/gemini-2.5-flash-lite': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev', 'gemini-deprecations'],
    fields: { thinking: ['genai-sdk'] },
    disagreements: [{ field: 'max_output_tokens', values: { 'pi-ai': 65_536, litellm: 65_535, 'models.dev': 65_536 } }],
    note: 'explicitly not deprecated (2026-11-10).',
  },
  'gemini/gemini-embedding-2': { sources: ['genai-prices', 'litellm'] },
  'gemini/gemini-embedding-001': { sources: ['genai-prices', 'litellm', 'models.dev'] },
  'xai/grok-4.7': {
    sources: ['pi-ai', 'venice'],
    disagreements: [{ field: 'max_output_tokens', values: { 'pi-ai': 500_000, venice: 200_000 } }],
    note: 'Not in genai-prices 0.1.8; Venice resells at 2.27/6.80. Tier applies at >= 200k prompt tokens.',
  },
  'xai/grok-4.6': {
    sources: ['pi-ai', 'genai-prices', 'livebench', 'portkey'],
    note: 'Batch API not supported. Tier applies at >= 200k prompt tokens.',
  },
  'xai/grok-4.5': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'xai-issue', 'livebench'],
    fields: { 'prices[0]': ['litellm', 'xai-issue'], 'prices[2]': ['genai-prices', 'pi-ai'] },
    disagreements: [{ field: 'cached_input', values: { 'pi-ai': 0.3, 'genai-prices': 0.3, litellm: 0.5 } }],
    note: 'cached input was 0.50 at launch, 0.30 since about August 2026. Batch API not supported. cached input fell on an unknown day between 2026-07-25 and 2026-09-22, so its price of those days is unknown.',
  },
  'xai/grok-4.3': {
    sources: ['pi-ai', 'genai-prices', 'litellm', 'models.dev'],
    disagreements: [
      { field: 'max_output_tokens', values: { 'pi-ai': 30_000, litellm: 1_000_000, 'models.dev': 30_000 } },
    ],
  },
  'xai/grok-4.20-reasoning': {
    sources: ['genai-prices', 'litellm', 'models.dev'],
    disagreements: [{ field: 'max_output_tokens', values: { litellm: 1_000_000, 'models.dev': 30_000 } }],
    note: 'rejects reasoning_effort (every value).',
  },
  'xai/grok-4-0709': { sources: ['genai-prices', 'xai-docs'] },
  'xai/grok-3': { sources: ['genai-prices', 'xai-docs'] },
  'xai/grok-code-fast-1': { sources: ['genai-prices', 'xai-docs'] },
  'groq/openai/gpt-oss-120b': {
    sources: ['pi-ai', 'genai-prices', 'models.dev', 'groq-docs'],
    fields: { rateLimits: ['groq-limits'] },
  },
  'groq/openai/gpt-oss-20b': {
    sources: ['pi-ai', 'genai-prices', 'models.dev', 'groq-docs'],
    fields: { rateLimits: ['groq-limits'] },
  },
  'groq/qwen/qwen3.8-27b': {
    sources: ['pi-ai', 'models.dev-pr'],
    disagreements: [
      { field: 'cached_input', values: { 'pi-ai': 0, 'models.dev PR 5742': 0.4 } },
      {
        field: 'input/output',
        values: {
          'pi-ai': '0.80/4.00',
          'models.dev PR 5742': '0.80/4.00',
          'models.dev PR 5740': '0.60/3.00 (placeholder)',
        },
      },
      { field: 'context_window', values: { 'pi-ai': 131_072, 'GET /v1/models per PR 5742': 131_042 } },
    ],
  },
  'groq/qwen/qwen3.6-27b': { sources: ['pi-ai', 'models.dev-pr', 'braintrust'] },
  'groq/llama-3.3-70b-versatile': {
    sources: ['pi-ai', 'genai-prices', 'models.dev', 'groq-docs', 'groq-issues'],
    fields: { rateLimits: ['groq-limits'] },
    note: 'third parties report decommission 2026-08-16; pi-ai (2026-11-10) still lists it. Check GET /openai/v1/models.',
  },
  'groq/llama-3.1-8b-instant': {
    sources: ['pi-ai', 'genai-prices', 'models.dev', 'groq-docs', 'groq-issues'],
    fields: { rateLimits: ['groq-limits'] },
    note: 'third parties report decommission 2026-08-16; pi-ai (2026-11-10) still lists it. Check GET /openai/v1/models.',
  },
  'ollama/llama3.3': {
    sources: ['ollama-repo'],
    note: 'context_window is the model maximum from the model card (not re-verified); effective context is num_ctx / OLLAMA_CONTEXT_LENGTH (default 4k below 24 GiB VRAM). Read capabilities from POST /api/show.',
  },
  'ollama/llama3.2': {
    sources: ['ollama-repo'],
    note: 'context_window is the model maximum from the model card (not re-verified); effective context is num_ctx / OLLAMA_CONTEXT_LENGTH (default 4k below 24 GiB VRAM). Read capabilities from POST /api/show.',
  },
  'ollama/qwen3': {
    sources: ['ollama-repo'],
    note: 'context_window is the model maximum from the model card (not re-verified); effective context is num_ctx / OLLAMA_CONTEXT_LENGTH (default 4k below 24 GiB VRAM). Read capabilities from POST /api/show.',
  },
  'ollama/gemma4': {
    sources: ['ollama-repo'],
    note: 'context_window is the model maximum from the model card (not re-verified); effective context is num_ctx / OLLAMA_CONTEXT_LENGTH (default 4k below 24 GiB VRAM). Read capabilities from POST /api/show.',
  },
  'ollama/gpt-oss:20b': {
    sources: ['ollama-repo'],
    note: 'context_window is the model maximum from the model card (not re-verified); effective context is num_ctx / OLLAMA_CONTEXT_LENGTH (default 4k below 24 GiB VRAM). Read capabilities from POST /api/show.',
  },
  'ollama/deepseek-r1': {
    sources: ['ollama-repo'],
    note: 'context_window is the model maximum from the model card (not re-verified); effective context is num_ctx / OLLAMA_CONTEXT_LENGTH (default 4k below 24 GiB VRAM). Read capabilities from POST /api/show.',
  },
  'ollama/mistral': {
    sources: ['ollama-repo'],
    note: 'context_window is the model maximum from the model card (not re-verified); effective context is num_ctx / OLLAMA_CONTEXT_LENGTH (default 4k below 24 GiB VRAM). Read capabilities from POST /api/show.',
  },
  'ollama/nomic-embed-text': {
    sources: ['ollama-repo'],
    note: 'context_window is the model maximum from the model card (not re-verified); effective context is num_ctx / OLLAMA_CONTEXT_LENGTH (default 4k below 24 GiB VRAM). Read capabilities from POST /api/show.',
  },
  'ollama/embeddinggemma': {
    sources: ['ollama-repo'],
    note: 'context_window is the model maximum from the model card (not re-verified); effective context is num_ctx / OLLAMA_CONTEXT_LENGTH (default 4k below 24 GiB VRAM). Read capabilities from POST /api/show.',
  },
}
