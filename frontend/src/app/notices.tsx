/** The corner where notices appear; loaded after the page, since nothing is announced before somebody acts. */
export { Notifications as default } from '@mantine/notifications'
