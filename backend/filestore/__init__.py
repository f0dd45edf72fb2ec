"""Where the farm's files lie: in a local folder or in S3, behind Django storages."""
