import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

const lake: MantineColorsTuple = [
  '#ecf8fb',
  '#d9edf3',
  '#b0d9e6',
  '#83c5d9',
  '#60b3cd',
  '#4aa8c6',
  '#3593b0',
  '#1f7c97',
  '#176a83',
  '#0c566c',
]

/** Dense and calm: small type, thin lines, one accent colour; states have the colours of `StateBadge`. */
export const theme = createTheme({
  colors: { lake },
  primaryColor: 'lake',
  primaryShade: { light: 8, dark: 7 },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  fontFamily:
    "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '1.4' },
      h2: { fontSize: '14px', lineHeight: '1.5' },
      h3: { fontSize: '13px', lineHeight: '1.5' },
    },
  },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    SegmentedControl: { styles: { root: { maxWidth: '100%', overflowX: 'auto' } } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
  },
})

/** Texts of lesser weight still have a contrast of 4.5 : 1 on every background here. */
export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5b6570',
    '--mantine-color-placeholder': '#717b85',
    '--mantine-color-error': '#c92a2a',
  },
  dark: { '--mantine-color-dimmed': '#9aa3ad', '--mantine-color-error': '#ff8787' },
})
