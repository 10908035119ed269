#!/bin/sh
# The dev server with the settings of infra/temporal/dynamicconfig.yaml; a test keeps the two lists equal.
exec temporal server start-dev --ip 0.0.0.0 --ui-ip 0.0.0.0 --ui-disable-news-fetch --db-filename /data/temporal.db \
  --dynamic-config-value history.transferProcessorMaxPollRPS=1000 \
  --dynamic-config-value matching.numTaskqueueReadPartitions=1 \
  --dynamic-config-value matching.numTaskqueueWritePartitions=1 \
  --dynamic-config-value matching.enableFairness=true \
  --dynamic-config-value frontend.WorkflowPauseEnabled=true \
  --dynamic-config-value frontend.httpAllowedHosts=[] \
  --search-attribute StoryTitle=Keyword \
  --search-attribute StoryState=Keyword \
  --search-attribute StoryModels=Keyword \
  --search-attribute StoryShots=Int \
  --search-attribute StoryShotsDone=Int
