/** Mantine's looks on the router's typed links. */
import { Anchor, Button, type AnchorProps, type ButtonProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { Ref } from 'react'

type TextProps = Omit<AnchorProps, 'href'> & { ref?: Ref<HTMLAnchorElement> }
type PushProps = Omit<ButtonProps, 'href'> & { ref?: Ref<HTMLAnchorElement> }

export const TextLink = createLink((props: TextProps) => <Anchor {...props} />)
export const ButtonLink = createLink((props: PushProps) => <Button component="a" {...props} />)
