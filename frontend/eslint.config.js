import js from '@eslint/js'
import reactHooks from 'eslint-plugin-react-hooks'
import { defineConfig } from 'eslint/config'
import globals from 'globals'
import tseslint from 'typescript-eslint'

const FEATURES = [
  'auth',
  'library',
  'studies',
  'batches',
  'results',
  'analysis',
  'constructions',
  'surrogates',
]

/** Which rooms each folder may import, besides the shared ones; what is not listed is refused. */
const ARROWS = {
  'src/{api,components,format}': [],
  'src/features/auth': [],
  'src/features/library': [],
  'src/features/studies': ['library'],
  'src/features/constructions': ['library'],
  'src/features/surrogates': [],
  'src/features/batches': ['surrogates', 'library'],
  'src/features/results': ['batches', 'library'],
  'src/features/analysis': ['results', 'batches', 'library'],
}

function allowOnly([folder, allowed]) {
  const refused = FEATURES.filter((feature) => !allowed.includes(feature))
  return {
    files: [`${folder}/**/*.{ts,tsx}`],
    ignores: ['**/*.test.{ts,tsx}'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@/app/**', ...refused.map((feature) => `@/features/${feature}/**`)],
              message:
                'Imports go shared → features → app; the arrows among features are in eslint.config.js.',
            },
            { group: ['../../*'], message: 'Import other rooms by @/….' },
            { group: ['@/testing/**'], message: 'Only tests import test code.' },
          ],
        },
      ],
    },
  }
}

export default defineConfig(
  { ignores: ['node_modules', 'src/api/generated'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      reactHooks.configs.flat.recommended,
    ],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      // the router's redirects are thrown
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  {
    files: ['**/*.tsx'],
    ignores: ['**/*.test.tsx'],
    rules: { 'max-lines': ['error', { max: 180, skipBlankLines: true, skipComments: true }] },
  },
  { files: ['scripts/**'], languageOptions: { globals: globals.node } },
  ...Object.entries(ARROWS).map(allowOnly),
)
